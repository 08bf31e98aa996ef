import {
  type GroupAllocation,
  holders,
  lagOf,
  type MembershipChange,
  type PlannedAllocation,
  planAllocation,
  planMembers,
  type SharedTopic,
  surveyGroup,
} from '../../core/admin/index.ts'
import { type AllocateMessageQueueStrategy, shareOf } from '../../core/consumer/index.ts'
import { NotFoundError, UsageError } from '../../core/errors.ts'
import { queueKey } from '../../core/protocol/index.ts'
import { type NamedStrategy, parseStrategy } from '../allocation-strategy.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { ListFormat } from '../output/list.ts'
import { didYouMean } from '../suggest.ts'
import { declaredStrategy } from './declared-strategy.ts'
import { type PlannedItems, plannedItems } from './planned-items.ts'
import { plannedTopics } from './planned-topics.ts'
import { printPlan } from './print-plan.ts'
import { type AddedBroker, resized } from './resized-topic.ts'
import { assumedStrategy } from './strategy-knowledge.ts'
import { allocationNotes, allocationOf, partialErrors, type WantedAllocation } from './survey-group.ts'

/** What if. */
export interface PlanRebalanceRequest extends WantedAllocation {
  readonly change: MembershipChange
  readonly strategy: NamedStrategy | undefined
  /** Queues of the topic on each broker. */
  readonly queues: number | undefined
  /** Brokers that would come, with their queues of each topic. */
  readonly brokers: readonly AddedBroker[]
  readonly format: ListFormat
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/**
 * Writes which queues would move if the group had other members, another strategy or more queues; changes nothing.
 * Resolves to the exit code: 6 when somebody did not answer.
 */
export async function planRebalance(request: PlanRebalanceRequest, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const { group, topic } = request
  if (request.queues !== undefined && topic === undefined) {
    throw new UsageError('--queues is about one topic', {
      suggestions: [`mq rebalance plan -g ${group} TOPIC --queues 16`],
    })
  }
  const survey = await allocationOf(request, parts)
  const present = survey.members.map(({ clientId }) => clientId)
  const members = planMembers(present, request.change)
  const [missing] = members.missing
  if (missing !== undefined) {
    const message = `${group} has no member ${missing}`
    throw new NotFoundError('client', missing, message, { suggestions: didYouMean(missing, present) })
  }
  if (members.clientIds.length === 0) {
    throw new UsageError(`${group} would have no members`, { suggestions: ['say how many it would have: --clients 3'] })
  }
  const { strategy, word } = await strategyOf(survey, request)
  const wait = invokeOptions(context)
  const wireGroup = connection.wireName(group)
  const wireTopic = topic === undefined ? undefined : connection.wireName(topic)
  const standing = await surveyGroup(connection.client, { group: wireGroup, topic: wireTopic, details: false }, wait)
  const shared = { ...survey, topics: plannedTopics(survey, standing) }
  const share = (clientId: string, { queues }: SharedTopic, clientIds: readonly string[]) =>
    shareOf(strategy, { group: wireGroup, clientId, queues, clientIds })
  const planned = planAllocation({
    topics: shared.topics.map((one) => resized(one, request)),
    clientIds: members.clientIds,
    now: presentOwners(shared, share),
    shareOf: share,
  })
  const items = plannedItems(planned, {
    members,
    present,
    lags: new Map(standing.queues.map((progress) => [queueKey(progress.queue), lagOf(progress)])),
    cached: cachedByQueue(survey),
    userName: (name) => connection.userName(name),
  })
  const told = [...partialErrors(standing), ...partialErrors(survey)]
  const errors = [...new Map(told.map((error) => [error.source, error])).values()]
  await printPlan(items, { group, strategy: word, errors, format: request.format }, context)
  for (const line of notes(survey, items, { invented: members.invented, strategy: word })) context.say(line)
  for (const line of allocationNotes(survey, group)) context.say(line)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

/** The strategy asked for, else the one all members declare; averagely where nobody tells, as clients do by default. */
async function strategyOf(
  { members }: GroupAllocation,
  { strategy, group }: PlanRebalanceRequest,
): Promise<{ readonly strategy: AllocateMessageQueueStrategy; readonly word: string }> {
  if (strategy !== undefined) {
    const word = 'word' in strategy ? strategy.word : strategy.file
    return { strategy: await assumedStrategy(strategy), word }
  }
  const declared = new Set(members.map(declaredStrategy).filter((name) => name !== undefined))
  const [word = 'average', ...more] = declared
  const suggestions = ['choose one with --strategy']
  if (more.length > 0) {
    throw new UsageError(`the members of ${group} share by different strategies: ${[...declared].join(', ')}`, {
      suggestions,
    })
  }
  if (!['average', 'circle', 'consistent-hash'].includes(word)) {
    throw new UsageError(`the members of ${group} share by ${word}, which cannot be computed from outside`, {
      suggestions,
    })
  }
  return { strategy: await assumedStrategy(parseStrategy(word)), word }
}

/** Who holds each queue; where members do not tell, who should. */
function presentOwners(
  survey: GroupAllocation,
  share: (clientId: string, topic: SharedTopic, clientIds: readonly string[]) => readonly PlannedAllocation['queue'][],
): Parameters<typeof planAllocation>[0]['now'] {
  const held = holders(survey)
  const silent = survey.members.filter(({ info }) => info === undefined)
  const clientIds = survey.members.map(({ clientId }) => clientId)
  return new Map(
    survey.topics.flatMap((topic) => {
      const guesses = silent.map(({ clientId }) => {
        return [clientId, new Set(share(clientId, topic, clientIds).map(queueKey))] as const
      })
      return topic.queues.map((queue) => {
        const key = queueKey(queue)
        const told = (held.get(key) ?? []).map(({ clientId }) => clientId)
        const guessed = guesses.filter(([, keys]) => keys.has(key)).map(([clientId]) => clientId)
        return [key, { queue, owners: told.length > 0 ? told : guessed }] as const
      })
    }),
  )
}

/** What members have pulled and not finished: it comes again when the queue goes to another before that. */
function cachedByQueue({ members }: GroupAllocation): ReadonlyMap<string, number> {
  const cached = new Map<string, number>()
  for (const [queue, held] of members.flatMap(({ info }) => info?.mqTable ?? [])) {
    const count = held.cachedMsgCount + held.transactionMsgCount
    cached.set(queueKey(queue), (cached.get(queueKey(queue)) ?? 0) + count)
  }
  return cached
}

function notes(
  { members }: GroupAllocation,
  items: PlannedItems,
  { invented, strategy }: { readonly invented: readonly string[]; readonly strategy: string },
): string[] {
  const lines: string[] = []
  if (invented.length > 0) {
    // Where the order of members decides, each place has its share, whoever comes to it.
    const depends = ['average', 'circle'].includes(strategy)
      ? 'whose share each gets depends on how its real id sorts'
      : 'what each gets, and how much, depends on its real id: name it with --add'
    lines.push(`${invented.join(', ')} stand for new members; ${depends}`)
  }
  const silent = members.filter(({ info }) => info === undefined).map(({ clientId }) => clientId)
  if (silent.length > 0) lines.push(`what ${silent.join(', ')} hold now is computed: they do not tell`)
  if (items.totals.unowned > 0) lines.push(`${items.totals.unowned} queues would be held by nobody`)
  return lines
}
