import type { ClientSnapshot, GroupTotals, QueueSnapshot, Rates } from '../../telemetry/index.ts'

/** Sums of what is known; `null` where nothing is. */
export function groupTotals(
  parts: {
    readonly queues: readonly QueueSnapshot[]
    readonly clients: readonly ClientSnapshot[]
    readonly deadLetters: number | undefined
  },
  isRetry: (topic: string) => boolean,
): GroupTotals {
  const { queues, clients, deadLetters } = parts
  const main = queues.filter(({ topic }) => !isRetry(topic))
  const retry = queues.filter(({ topic }) => isRetry(topic))
  const ages = main.flatMap(({ oldestUnread }) => (oldestUnread === null ? [] : [oldestUnread]))
  return {
    lag: known(main.map(({ lag }) => lag)),
    retryLag: known(retry.map(({ lag }) => lag)) ?? (retry.length === 0 ? 0 : null),
    dlq: deadLetters ?? null,
    // Not by queues: several members may hold the same one, each with messages of its own.
    cached: known(clients.map(({ cached }) => cached)),
    cachedBytes: known(clients.map(({ cachedBytes }) => cachedBytes)),
    inflight: known(queues.map(({ inflight }) => inflight)),
    oldestUnread: ages.length === 0 ? null : Math.min(...ages),
    rates: sumOfRates(clients.flatMap(({ rates }) => (rates === null ? [] : [rates]))),
  }
}

function known(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null)
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0)
}

function sumOfRates(rates: readonly Rates[]): Rates | null {
  if (rates.length === 0) return null
  const sum = (of: keyof Rates): number => Math.round(rates.reduce((all, one) => all + one[of], 0) * 10) / 10
  return { in: sum('in'), ok: sum('ok'), failed: sum('failed') }
}
