import { type ConsumerRunningInfo, versionName } from '../../protocol/index.ts'
import type { ClientSnapshot, FlowLimits, Rates } from '../../telemetry/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { Advance } from './advances.ts'
import { heldQueues, isOrderly } from './held-queue.ts'

const MIB = 1024 * 1024

/** What more than a member's own word a snapshot of it needs. */
export interface ClientParts {
  /** How fast it was seen to get on; `undefined` after the first look. */
  readonly advance: Advance | undefined
  readonly strategy: string | undefined
  /** When it told what it tells, if that was not now. */
  readonly toldAt: number | undefined
  /** Why it told nothing now. */
  readonly error: string | undefined
}

/** A member, as it and the brokers tell. */
export function clientSnapshot(member: GroupMemberFacts, parts: ClientParts): ClientSnapshot {
  const { clientId, addresses, language, version, info } = member
  const held = heldQueues(member).map(({ held }) => held)
  return {
    clientId,
    address: addresses[0] ?? null,
    language: language ?? null,
    version: versionName(version),
    orderly: info === undefined ? null : isOrderly(member),
    strategy: parts.strategy ?? null,
    concurrency: info === undefined ? null : numberOf(info, 'PROP_THREADPOOL_CORE_SIZE'),
    limits: info === undefined ? null : flowLimits(info),
    queues: held.length,
    cached: info === undefined ? null : sum(held.map(({ cached }) => cached ?? 0)),
    cachedBytes: info === undefined ? null : sum(held.map(({ cachedBytes }) => cachedBytes ?? 0)),
    rates: info === undefined ? null : ratesOf(info, parts.advance),
    consumeMillis: info === undefined ? null : consumeMillis(info),
    error: parts.error ?? null,
    ...(parts.toldAt === undefined ? {} : { toldAt: parts.toldAt }),
  }
}

/** The limits of flow control a member tells, in bytes where Java has MiB. */
export function flowLimits(info: ConsumerRunningInfo): FlowLimits | null {
  const count = numberOf(info, 'pullThresholdForQueue')
  const mebibytes = numberOf(info, 'pullThresholdSizeForQueue')
  if (count === null || mebibytes === null) return null
  const span = isOrderly({ info }) ? null : numberOf(info, 'consumeConcurrentlyMaxSpan')
  return { count, bytes: mebibytes * MIB, span }
}

/**
 * Only the member itself tells what failed, on average of its last minute; so is all of one that pops, and of the first
 * look. Else what it was seen to get on counts, which follows at once.
 */
function ratesOf(info: ConsumerRunningInfo, advance: Advance | undefined): Rates {
  const statuses = [...info.statusTable.values()]
  const failed = sum(statuses.map(({ consumeFailedTPS }) => consumeFailedTPS))
  if (advance === undefined || info.mqPopTable.length > 0) {
    const ok = sum(statuses.map(({ consumeOKTPS }) => consumeOKTPS))
    return { in: rounded(sum(statuses.map(({ pullTPS }) => pullTPS))), ok: rounded(ok), failed: rounded(failed) }
  }
  return {
    in: rounded(advance.pulled),
    ok: rounded(Math.max(0, advance.finished - failed)),
    failed: rounded(failed),
  }
}

/** Each topic counts by how much of it was consumed. */
function consumeMillis(info: ConsumerRunningInfo): number | null {
  const statuses = [...info.statusTable.values()].map((status) => ({
    weight: status.consumeOKTPS + status.consumeFailedTPS,
    millis: status.consumeRT,
  }))
  const weight = sum(statuses.map((status) => status.weight))
  if (weight === 0) return null
  return rounded(sum(statuses.map((status) => status.weight * status.millis)) / weight)
}

function numberOf({ properties }: ConsumerRunningInfo, name: string): number | null {
  const text = properties.get(name)
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isSafeInteger(value) ? value : null
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
