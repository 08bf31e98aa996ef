import { type PlannedQueue, planTotals, type VerifiedQueue } from '../../core/admin/index.ts'
import type { Connection } from '../connect.ts'
import { mechanismText } from './plan-presenter.ts'
import type { PreparedReset } from './prepare-reset.ts'

/** What became of a plan. */
export interface ResetOutcome {
  readonly applied: boolean
  readonly verified: readonly VerifiedQueue[]
  /** The file with what was there before. */
  readonly undo: string | null
}

/** A plan and what became of it, as JSON has it. */
export function resetJson(
  prepared: PreparedReset,
  outcome: ResetOutcome,
  connection: Pick<Connection, 'userName'>,
): Readonly<Record<string, unknown>> {
  const { wanted, rows, schemes, mechanisms } = prepared
  return {
    group: wanted.group,
    topic: wanted.topic,
    online: prepared.survey.members.length,
    mechanism: mechanismText(prepared),
    brokers: schemes.map(({ brokerName }) => ({ broker: brokerName, mechanism: mechanisms.get(brokerName) ?? null })),
    queues: rows.map((row) => queueJson(row, connection)),
    totals: planTotals(rows),
    applied: outcome.applied,
    verified: outcome.verified.map(({ queue, committed, target, state, why }) => ({
      broker: queue.brokerName,
      queue: queue.queueId,
      target,
      committed: committed ?? null,
      state,
      ...(why === undefined ? {} : { why }),
    })),
    undo: outcome.undo,
  }
}

/** A queue of a plan; plan files have the same. */
export function queueJson(row: PlannedQueue, connection: Pick<Connection, 'userName'>) {
  const { queue, min, max, committed, target, clampedFrom, effect, messages, expired, early } = row
  return {
    topic: connection.userName(queue.topic),
    broker: queue.brokerName,
    queue: queue.queueId,
    min,
    max,
    committed: committed ?? null,
    target,
    ...(clampedFrom === undefined ? {} : { clampedFrom }),
    effect,
    messages,
    expired,
    ...(early === 0 ? {} : { early }),
  }
}
