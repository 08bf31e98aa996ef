import { queueId, type Snapshot } from '../../core/telemetry/index.ts'

/** What is kept of the past of a group or a queue. */
export interface Sample {
  readonly at: number
  readonly lag: number
  readonly cached: number
  /** Consumed per second; 0 for a queue. */
  readonly rate: number
}

/** So many samples are kept, at least a second apart. */
const SAMPLES = 120
const APART_MS = 900
/** A trend is told against what was so long ago. */
const TREND_MS = 10_000

/** The recent past of all that is shown, bounded: a ring for each group and each of its queues. */
export class History {
  readonly #series = new Map<string, Sample[]>()

  /** Notes a snapshot; whatever is not in it is forgotten. */
  note({ groups, asOf: at }: Snapshot): void {
    const seen = new Set<string>()
    for (const { group, totals, queues } of groups) {
      seen.add(group)
      this.#keep(group, { at, lag: totals.lag ?? 0, cached: totals.cached ?? 0, rate: totals.rates?.ok ?? 0 })
      for (const queue of queues) {
        const key = queueKey(group, queueId(queue))
        seen.add(key)
        this.#keep(key, { at, lag: queue.lag ?? 0, cached: queue.cached ?? 0, rate: 0 })
      }
    }
    for (const key of this.#series.keys()) if (!seen.has(key)) this.#series.delete(key)
  }

  ofGroup(group: string): readonly Sample[] {
    return this.#series.get(group) ?? []
  }

  ofQueue(group: string, queue: string): readonly Sample[] {
    return this.#series.get(queueKey(group, queue)) ?? []
  }

  #keep(key: string, sample: Sample): void {
    const samples = this.#series.get(key)
    if (samples === undefined) {
      this.#series.set(key, [sample])
      return
    }
    const last = samples.at(-1)
    // A picture that comes again because nobody answered is no news.
    if (last !== undefined && sample.at - last.at < APART_MS) return
    samples.push(sample)
    if (samples.length > SAMPLES) samples.shift()
  }
}

function queueKey(group: string, queue: string): string {
  return `${group}\n${queue}`
}

/** Whether the lag grows or falls; noise of one in twenty is neither. */
export function trendOf(samples: readonly Sample[]): 'up' | 'down' | 'flat' {
  const last = samples.at(-1)
  if (last === undefined) return 'flat'
  const before = samples.findLast(({ at }) => last.at - at >= TREND_MS) ?? samples[0] ?? last
  const change = last.lag - before.lag
  if (Math.abs(change) <= Math.max(1, before.lag / 20)) return 'flat'
  return change > 0 ? 'up' : 'down'
}
