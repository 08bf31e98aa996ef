import { type BrokerScheme, landTime, type Mechanism, type PlannedQueue, planQueue } from '../../core/admin/index.ts'
import type { ClientInstance } from '../../core/client/index.ts'
import { compareQueues } from '../../core/protocol/index.ts'
import type { InvokeOptions } from '../../core/remoting/index.ts'
import type { WantedReset } from './wanted-reset.ts'

/** What members are told of, and where that puts them. */
interface Landed {
  readonly rows: readonly PlannedQueue[]
  /** By broker. */
  readonly timestamps: ReadonlyMap<string, number>
}

interface Parts {
  readonly rows: readonly PlannedQueue[]
  readonly mechanisms: ReadonlyMap<string, Mechanism>
  readonly schemes: readonly BrokerScheme[]
  readonly wanted: WantedReset
  readonly client: ClientInstance
  readonly wait: InvokeOptions
}

/** From this version (5.0.0) on a broker finds the first message at or after a time by itself. */
const EXACT_SEARCH_VERSION = 413

/**
 * The time to tell the members through each broker that cannot be told offsets. Where its own search begins earlier than
 * the plan, the plan is changed to what will be.
 */
export async function landTimes(parts: Parts): Promise<Landed> {
  const { rows, mechanisms } = parts
  const pushing = [...mechanisms].filter(([, mechanism]) => mechanism === 'client-push').map(([name]) => name)
  const landed = await Promise.all(pushing.map((brokerName) => landOn(brokerName, parts)))
  const others = rows.filter(({ queue }) => !pushing.includes(queue.brokerName))
  return {
    rows: [...others, ...landed.flatMap((one) => one.rows)].sort((a, b) => compareQueues(a.queue, b.queue)),
    timestamps: new Map(landed.map(({ brokerName, timestamp }) => [brokerName, timestamp])),
  }
}

async function landOn(brokerName: string, { rows, schemes, wanted, client, wait }: Parts) {
  const mine = rows.filter(({ queue }) => queue.brokerName === brokerName)
  const position = 'all' in wanted.positions ? wanted.positions.all : undefined
  if (position?.kind !== 'time') return { brokerName, rows: mine, timestamp: position?.kind === 'first' ? 0 : -1 }
  const version = schemes.find((scheme) => scheme.brokerName === brokerName)?.version ?? 0
  if (version >= EXACT_SEARCH_VERSION) return { brokerName, rows: mine, timestamp: position.timestamp }
  const landings = mine.map(async ({ queue, target, max }) => ({
    queue,
    exact: target,
    storedAt: target < max ? await client.queueOffsets.storeTime(queue, target, wait) : undefined,
    search: (timestamp: number) => client.queueOffsets.nearest(queue, timestamp, wait),
  }))
  const { timestamp, offsets } = await landTime(position.timestamp, await Promise.all(landings))
  return {
    brokerName,
    timestamp,
    rows: mine.map((row, index) => {
      const offset = Math.max(row.min, offsets[index] ?? row.target)
      return { ...planQueue(row, { queue: row.queue, offset }), early: row.target - offset }
    }),
  }
}
