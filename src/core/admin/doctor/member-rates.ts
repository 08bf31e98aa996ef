import type { ConsumerRunningInfo, ConsumeStatus } from '../../protocol/index.ts'

/** How quickly a member works, as it tells itself of its last minute. */
export interface MemberRates {
  /** Messages finished a second, with those that failed. */
  readonly perSecond: number
  readonly failedPerSecond: number
  /** How long a call of the listener takes on average; 0: not known. */
  readonly callMs: number
  /** Calls that run at once, on average. */
  readonly busy: number
  /** Calls that can run at once; `undefined`: it does not tell. */
  readonly threads: number | undefined
  /** Messages it has pulled and not finished. */
  readonly cached: number
}

/** Reads a member's figures over all its topics. */
export function memberRates(info: ConsumerRunningInfo): MemberRates {
  const all = [...info.statusTable.values()]
  const batch = Math.max(1, Number(info.properties.get('consumeMessageBatchMaxSize') ?? 1) || 1)
  const callsOf = (one: ConsumeStatus): number => (one.consumeOKTPS + one.consumeFailedTPS) / batch
  const calls = sum(all.map(callsOf))
  const busy = sum(all.map((one) => (callsOf(one) * one.consumeRT) / 1000))
  return {
    perSecond: sum(all.map((one) => one.consumeOKTPS + one.consumeFailedTPS)),
    failedPerSecond: sum(all.map((one) => one.consumeFailedTPS)),
    callMs: calls > 0 ? (busy * 1000) / calls : Math.max(0, ...all.map(({ consumeRT }) => consumeRT)),
    busy,
    threads: threadsOf(info),
    cached: sum(info.mqTable.map(([, held]) => held.cachedMsgCount + held.transactionMsgCount)),
  }
}

/** Java's pool never grows beyond its core, since its queue has no bound; Go tells -1. */
function threadsOf({ properties }: ConsumerRunningInfo): number | undefined {
  const told = [properties.get('PROP_THREADPOOL_CORE_SIZE'), properties.get('consumeThreadMin')].map(Number)
  return told.find((count) => Number.isInteger(count) && count > 0)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
