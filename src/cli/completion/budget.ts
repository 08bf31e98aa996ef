import { parseDuration } from '../duration.ts'

/** Who presses Tab waits so long; the start of mq is a part of it. */
const BUDGET_MS = 400
/** What the end of mq takes. */
const RESERVE_MS = 30

/** The time that is left to ask a cluster, of `MQ_COMPLETION_BUDGET` or 0.4 s since the process began. */
export function remainingBudget(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['MQ_COMPLETION_BUDGET']
  const budget = text ? parseDuration(text) : BUDGET_MS
  return Math.floor(budget - RESERVE_MS - process.uptime() * 1000)
}
