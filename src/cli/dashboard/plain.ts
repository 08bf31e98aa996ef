import {
  changesBetween,
  isFaulty,
  queueId,
  type Snapshot,
  shownQueues,
  stateSentence,
} from '../../core/telemetry/index.ts'
import { groupSentence } from './snapshot-table.ts'

/** A lag is told again when it is twice or half of what was told, and differs by so many messages. */
const TOLD_STEP = 10

/** Turns snapshots into sentences: first how everything stands, then one for each change. */
export class PlainSentences {
  #last: Snapshot | undefined
  readonly #toldLag = new Map<string, number>()

  /** What is new in this snapshot. */
  take(snapshot: Snapshot): string[] {
    const last = this.#last
    this.#last = snapshot
    if (last === undefined) return this.#first(snapshot)
    const changes = changesBetween(last, snapshot).map(({ text }) => text)
    return [...changes, ...this.#lags(snapshot)]
  }

  #first(snapshot: Snapshot): string[] {
    for (const { group, totals } of snapshot.groups) this.#toldLag.set(group, totals.lag ?? 0)
    return [
      ...snapshot.groups.map((group) => groupSentence(group, snapshot.asOf)),
      ...snapshot.errors.map(({ subject, message }) => `${subject} does not answer: ${message}`),
      ...snapshot.groups.flatMap((one) =>
        shownQueues(one)
          .filter(({ state }) => isFaulty(state) && (one.online || state !== 'NOOWNER'))
          .map((queue) => `${one.group}: ${queueId(queue)} ${queue.state}: ${stateSentence(queue.state)}`),
      ),
    ]
  }

  #lags({ groups, asOf }: Snapshot): string[] {
    return groups.flatMap((group) => {
      const { lag } = group.totals
      const told = this.#toldLag.get(group.group)
      if (lag === null || (told !== undefined && !isNews(told, lag))) return []
      this.#toldLag.set(group.group, lag)
      return [groupSentence(group, asOf)]
    })
  }
}

function isNews(told: number, lag: number): boolean {
  return Math.abs(lag - told) >= TOLD_STEP && (lag >= 2 * told || lag <= told / 2)
}
