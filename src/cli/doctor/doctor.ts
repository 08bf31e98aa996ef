import { findBrokers, knownGroups, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { isSystemGroup } from '../../core/protocol/index.ts'
import type { NamedStrategy } from '../allocation-strategy.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import type { ListFormat, PartialError } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { printableLines } from '../output/printable.ts'
import { strategyKnowledge } from '../rebalance/strategy-knowledge.ts'
import { allocationNotes } from '../rebalance/survey-group.ts'
import { stdoutWriter } from '../stdout.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { stacksOf } from './consuming-stack.ts'
import { type Examination, examineGroups } from './examine-groups.ts'
import { type FindingItem, findingColumns, findingItem } from './finding-items.ts'
import { unknownLines } from './unknown-lines.ts'

/** What to look for. */
export interface DoctorRequest {
  /** Without one, all groups, or all of a topic. */
  readonly group: string | undefined
  readonly topic: string | undefined
  /** Show what the members of stuck queues do. */
  readonly stack: boolean
  readonly stuckAfterMs: number
  /** That of members which do not tell theirs. */
  readonly strategy: NamedStrategy | undefined
  readonly format: ListFormat
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/**
 * Writes what is wrong with groups, what shows it, why, and what to do. Resolves to the exit code: 8 for findings, else 6
 * when something was not told.
 */
export async function doctor(request: DoctorRequest, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const { group, format } = request
  const listed = group === undefined ? await allGroups(parts) : { groups: [connection.wireName(group)], errors: [] }
  const knowledgeOf = (wireGroup: string) => strategyKnowledge(wireGroup, request.strategy)
  const examined = await examineGroups(listed.groups, { ...request, knowledgeOf }, parts)
  const examinations = group === undefined ? examined.filter((one) => concerns(one, request, connection)) : examined
  await requireSomething(examinations, request, parts)
  const items = (await Promise.all(examinations.map((one) => itemsOf(one, request, parts)))).flat()
  const errors = [...listed.errors, ...errorsOf(examinations)]
  const unknown = examinations.flatMap((one) => one.unjudged.map((each) => ({ group: one.group, ...each })))
  const list = { name: 'findings', items, columns: findingColumns(group === undefined), errors }
  const groups = examinations.map((one) => one.group)
  await printList({ ...list, more: { group: group ?? null, groups, unknown } }, format, context)
  if (format === 'table' || format === 'wide') {
    await printStacks(items)
    for (const line of advice(items, examinations)) context.say(line)
  }
  if (items.length > 0) return ExitCode.FINDINGS
  const isSilent = examinations.some(({ look }) => look.members.some(({ info }) => info === undefined))
  return errors.length > 0 || isSilent ? ExitCode.PARTIAL : ExitCode.DONE
}

async function allGroups({
  context,
  connection,
}: Parts): Promise<{ readonly groups: readonly string[]; readonly errors: readonly PartialError[] }> {
  const wait = invokeOptions(context)
  const { masters } = await findBrokers(connection.client, wait)
  const { names, errors } = await knownGroups(connection.client, masters, wait)
  const [first] = errors
  if (first !== undefined && names.length === 0) throw first.error
  return {
    groups: names.filter((name) => connection.owns(name) && !isSystemGroup(connection.userName(name))),
    errors: errors.map(({ source, error }) => ({ source, message: error.message })),
  }
}

/** Of all groups, those that have to do with the topic asked for. */
function concerns({ look }: Examination, { topic }: DoctorRequest, connection: Connection): boolean {
  if (topic === undefined) return true
  const { subscribed, queues } = look.progress
  return subscribed.has(connection.wireName(topic)) || queues.some(({ committed }) => committed !== undefined)
}

/** Rejects when there is no such group or topic, and when nobody has told anything. */
async function requireSomething(
  examinations: readonly Examination[],
  { group, topic }: DoctorRequest,
  { context, connection }: Parts,
): Promise<void> {
  const { client } = connection
  const wait = invokeOptions(context)
  const wireTopic = topic === undefined ? undefined : connection.wireName(topic)
  if (wireTopic !== undefined && (await client.routes.refresh(wireTopic, wait)) === undefined) {
    const missing = new NotFoundError('topic', wireTopic, `no such topic: ${connection.userName(wireTopic)}`)
    throw await withTopicSuggestion(missing, new TopicAdmin(client, wait), connection)
  }
  const [only] = examinations
  if (group === undefined || only === undefined) return
  const { look } = only
  const [error] = look.errors
  if (error !== undefined && look.members.length === 0 && look.rules.length === 0) throw error.error
  await requireGroup(look.progress, connection, wait)
}

async function itemsOf(
  examination: Examination,
  request: DoctorRequest,
  parts: Parts,
): Promise<readonly FindingItem[]> {
  const { group, findings } = examination
  const stacks = request.stack ? await stacksOf(group, findings, parts) : undefined
  const userName = (name: string): string => parts.connection.userName(name)
  return findings.map((finding) => {
    const stack = finding.id === 'D08' && finding.member !== undefined ? stacks?.get(finding.member) : undefined
    return findingItem(finding, { group, userName, stack })
  })
}

function errorsOf(examinations: readonly Examination[]): readonly PartialError[] {
  const told = examinations.flatMap(({ look }) =>
    look.errors.map(({ source, error }) => [source, error.message] as const),
  )
  return [...new Map(told)].map(([source, message]) => ({ source, message }))
}

/** Each stack once: a member that stands still may hold many queues. */
async function printStacks(items: readonly FindingItem[]): Promise<void> {
  const stacks = new Map(items.flatMap(({ member, stack }) => (stack === undefined ? [] : [[member, stack] as const])))
  for (const [member, stack] of stacks) {
    await stdoutWriter().write(`\n${printableLines(`${member ?? ''} is at\n${stack}`)}\n`)
  }
}

function advice(items: readonly FindingItem[], examinations: readonly Examination[]): string[] {
  const lines = items.flatMap(({ id, subject, cause, next }) => [`${id} ${subject}: ${cause}`, `  next: ${next}`])
  for (const examination of examinations) {
    lines.push(...allocationNotes(examination.look.allocation, examination.group), ...unknownLines([examination]))
  }
  if (items.length === 0) lines.push(`examined ${examinations.map(({ group }) => group).join(', ') || 'no group'}`)
  return lines
}
