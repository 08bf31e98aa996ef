import { anySignal } from '../any-signal.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { examineGroups, STUCK_AFTER_MS } from '../doctor/examine-groups.ts'
import { unknownLines } from '../doctor/unknown-lines.ts'
import { strategyKnowledge } from '../rebalance/strategy-knowledge.ts'
import { BackgroundDoctor } from './background-doctor.ts'

/** Examines groups, given by their names on the wire, as `mq doctor` does. */
export function groupDoctor(
  groups: readonly string[],
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): BackgroundDoctor {
  const request = {
    topic: undefined,
    stuckAfterMs: STUCK_AFTER_MS,
    knowledgeOf: (group: string) => strategyKnowledge(group, undefined),
  }
  return new BackgroundDoctor(async (ended) => {
    const signal = anySignal(context.signal, ended)
    const examined = await examineGroups(groups, request, { context: { ...context, signal }, connection })
    const findings = examined.flatMap(({ group, findings: found }) =>
      found.map(({ id, severity, subject, evidence, cause, next }) => {
        return { id, severity, group, subject, evidence, cause, next }
      }),
    )
    return { findings, unknown: unknownLines(examined) }
  }, context.clock)
}
