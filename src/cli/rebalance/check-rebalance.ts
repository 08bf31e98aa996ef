import { checkAllocation, type Finding, type GroupAllocation, lasting } from '../../core/admin/index.ts'
import type { NamedStrategy } from '../allocation-strategy.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { strategyKnowledge } from './strategy-knowledge.ts'
import { allocationNotes, allocationOf, partialErrors, type WantedAllocation } from './survey-group.ts'

/** What to check. */
export interface CheckRebalanceRequest extends WantedAllocation {
  /** That of members which do not tell theirs. */
  readonly strategy: NamedStrategy | undefined
  readonly format: ListFormat
}

const columns: readonly Column<Finding>[] = [
  { head: 'ID', value: ({ id }) => id },
  { head: 'SEVERITY', value: ({ severity }) => severity },
  { head: 'SUBJECT', value: ({ subject }) => subject },
  { head: 'EVIDENCE', value: ({ evidence }) => evidence },
  { head: 'CAUSE', value: ({ cause }) => cause, wide: true },
  { head: 'NEXT', value: ({ next }) => next, wide: true },
]

/** A rebalance is over in about a second; one with a busy orderly member takes longer, and is seen by its locks. */
const SECOND_LOOK_MS = 2000

/**
 * Writes what is wrong with how a group shares its queues, when two looks agree. Resolves to the exit code: 8 for
 * findings, else 6 when somebody did not answer.
 */
export async function checkRebalance(
  request: CheckRebalanceRequest,
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { context, connection } = parts
  const { group, format } = request
  const knowledge = await strategyKnowledge(connection.wireName(group), request.strategy)
  const naming = { group, userName: (name: string) => connection.userName(name) }
  const judge = (survey: GroupAllocation): readonly Finding[] =>
    checkAllocation({ ...knowledge, survey, naming, now: context.clock.now() })
  let survey = await allocationOf(request, parts)
  let findings = judge(survey)
  if (findings.length > 0 && (context.deadline.remainingMs() ?? Infinity) > 2 * SECOND_LOOK_MS) {
    await context.clock.sleep(SECOND_LOOK_MS, { signal: context.signal })
    survey = await allocationOf(request, parts)
    findings = lasting(findings, judge(survey))
  }
  const errors = partialErrors(survey)
  await printList({ name: 'findings', items: findings, columns, errors, more: { group } }, format, context)
  for (const line of allocationNotes(survey, group)) context.say(line)
  if (format === 'table' || format === 'wide') for (const line of advice(findings, survey)) context.say(line)
  if (findings.length > 0) return ExitCode.FINDINGS
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function advice(findings: readonly Finding[], { members, topics }: GroupAllocation): string[] {
  if (findings.length === 0) return [`checked ${members.length} members and ${topics.length} topics`]
  return findings.flatMap(({ id, subject, cause, next }) => [`${id} ${subject}: ${cause}`, `  next: ${next}`])
}
