import {
  type BrokerScheme,
  chooseMechanisms,
  type GroupSurvey,
  isLive,
  type Mechanism,
  mastersByName,
  type PlannedQueue,
  planQueue,
  readScheme,
  surveyGroup,
  type TargetKind,
} from '../../core/admin/index.ts'
import { NotFoundError, RefusedError } from '../../core/errors.ts'
import { type MessageQueue, queueKey, queueName } from '../../core/protocol/index.ts'
import type { InvokeOptions } from '../../core/remoting/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Position, Positions } from '../position/position.ts'
import { noSuchQueue, resolvePositions } from '../position/resolve.ts'
import { requireGroup } from './known-group.ts'
import { landTimes } from './landing.ts'
import type { WantedReset } from './wanted-reset.ts'

/** A plan that can be shown and carried out. */
export interface PreparedReset {
  readonly wanted: WantedReset
  /** As on the wire. */
  readonly group: string
  readonly topic: string
  readonly survey: GroupSurvey
  readonly rows: readonly PlannedQueue[]
  readonly schemes: readonly BrokerScheme[]
  readonly mechanisms: ReadonlyMap<string, Mechanism>
  readonly timestamps: ReadonlyMap<string, number>
  readonly kind: TargetKind
  /** Members consume the topic. */
  readonly live: boolean
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/**
 * Asks the cluster all a plan needs and makes it; writes nothing. Rejects when a broker of the topic does not answer, with
 * NotFoundError for a topic, group or queue that is not there, with RefusedError for what cannot be done, or not live.
 */
export async function prepareReset(wanted: WantedReset, parts: Parts): Promise<PreparedReset> {
  return decideReset(await surveyReset(wanted, parts), parts)
}

/** What is known before anybody asks how it could be done. */
export type SurveyedReset = Omit<PreparedReset, 'mechanisms' | 'timestamps'>

/** Asks the cluster what a reset would mean for each queue; rejects as {@link prepareReset} does, but for how it could be done. */
export async function surveyReset(wanted: WantedReset, { context, connection }: Parts): Promise<SurveyedReset> {
  const wait = invokeOptions(context)
  const { client } = connection
  const [group, topic] = [connection.wireName(wanted.group), connection.wireName(wanted.topic)]
  refuseFuture(wanted.positions, context.clock.now())
  const survey = await surveyGroup(client, { group, topic }, wait)
  await requireWholeAnswer(survey, { connection, wait, wanted })
  const rows = await planRows(wanted, survey, { connection, wait })
  const masters = mastersByName(survey)
  const brokers = [...new Set(rows.map(({ queue }) => queue.brokerName))]
  const schemes = await Promise.all(
    brokers.flatMap((name) => {
      const master = masters.get(name)
      return master === undefined ? [] : [readScheme(client, master, wait)]
    }),
  )
  const kind = kindOf(wanted.positions)
  const live = isLive(survey, topic)
  return { wanted, group, topic, survey, rows, schemes, kind, live }
}

/** Chooses how each broker is to do it. Rejects with RefusedError when one cannot, or not while members run. */
export async function decideReset(
  surveyed: SurveyedReset,
  { context, connection: { client } }: Parts,
): Promise<PreparedReset> {
  const { wanted, topic, survey, rows, schemes, kind } = surveyed
  if (rows.every(({ effect }) => effect === 'NOOP')) {
    return { ...surveyed, mechanisms: new Map(), timestamps: new Map() }
  }
  const partial = partialBrokers(survey, rows)
  const question = { group: wanted.group, topic, schemes, membership: survey, kind, partial }
  const mechanisms = chooseMechanisms(question)
  const wait = invokeOptions(context)
  return { ...surveyed, mechanisms, ...(await landTimes({ rows, mechanisms, schemes, wanted, client, wait })) }
}

/** mqadmin skips everything on such a time without a word. */
function refuseFuture(positions: Positions, now: number): void {
  const all = 'all' in positions ? [positions.all] : [...positions.perQueue.values()]
  const late = all.find((position) => position.kind === 'time' && position.timestamp > now)
  if (late?.kind !== 'time') return
  const when = new Date(late.timestamp).toISOString()
  throw new RefusedError(`nothing was changed: ${when} lies in the future`, {
    suggestions: ['write last to pass over everything there is'],
  })
}

async function requireWholeAnswer(
  survey: GroupSurvey,
  parts: { readonly connection: Connection; readonly wait: InvokeOptions; readonly wanted: WantedReset },
): Promise<void> {
  const { connection, wait, wanted } = parts
  const failed = survey.errors.find(({ source }) => !source.startsWith('member '))
  if (failed !== undefined) throw failed.error
  if (survey.queues.length === 0) {
    throw new NotFoundError('topic', connection.wireName(wanted.topic), `no such topic: ${wanted.topic}`)
  }
  const unknown = survey.queues.find(({ state }) => state.kind === 'unknown')
  if (unknown?.state.kind === 'unknown') {
    throw new RefusedError(`nothing was changed: ${queueName(unknown.queue)} is unknown: ${unknown.state.why}`)
  }
  if (wanted.mayCreateGroup !== true) await requireGroup(survey, connection, wait)
}

async function planRows(
  wanted: WantedReset,
  survey: GroupSurvey,
  { connection, wait }: { readonly connection: Connection; readonly wait: InvokeOptions },
): Promise<PlannedQueue[]> {
  const { queueOffsets } = connection.client
  const known = new Map(survey.queues.map((one) => [queueKey(one.queue), one]))
  const fact = (queue: MessageQueue) => known.get(queueKey(queue))
  const chosen = chosenQueues(wanted, survey)
  const resolved = await resolvePositions(wanted.positions, chosen, {
    group: connection.wireName(wanted.group),
    wireName: (name) => connection.wireName(name),
    offsets: {
      min: (queue) => Promise.resolve(fact(queue)?.min ?? 0),
      max: (queue) => Promise.resolve(fact(queue)?.max ?? 0),
      search: (queue, timestamp) => queueOffsets.search(queue, timestamp, wait),
      committed: (group, queue) =>
        group === survey.group
          ? Promise.resolve(fact(queue)?.committed)
          : committedElsewhere(connection, group, queue, wait),
    },
  })
  return resolved.flatMap((target) => {
    const progress = fact(target.queue)
    return progress === undefined ? [] : [planQueue(progress, target)]
  })
}

/** Not by a question about one queue, to which a 4.9 broker answers 0 where there is nothing. */
async function committedElsewhere(
  connection: Connection,
  group: string,
  queue: MessageQueue,
  wait: InvokeOptions,
): Promise<number | undefined> {
  const { queues } = await surveyGroup(connection.client, { group, topic: queue.topic, details: false }, wait)
  return queues.find((one) => queueKey(one.queue) === queueKey(queue))?.committed
}

function chosenQueues(wanted: WantedReset, survey: GroupSurvey): MessageQueue[] {
  const all = survey.queues.map(({ queue }) => queue)
  if (wanted.onlyUncommitted === true) {
    return survey.queues.filter(({ committed }) => committed === undefined).map(({ queue }) => queue)
  }
  if (wanted.queues === undefined) return all
  const byName = new Map(all.map((queue) => [queueName(queue), queue]))
  return [...new Set(wanted.queues)].map((name) => {
    const queue = byName.get(name)
    if (queue === undefined) throw noSuchQueue(name, all)
    return queue
  })
}

function kindOf(positions: Positions): TargetKind {
  const kind: Position['kind'] | undefined = 'all' in positions ? positions.all.kind : undefined
  return kind === 'first' || kind === 'last' || kind === 'time' ? kind : 'other'
}

/** Brokers of which the plan leaves queues out. */
function partialBrokers(survey: GroupSurvey, rows: readonly PlannedQueue[]): ReadonlySet<string> {
  const planned = new Set(rows.map(({ queue }) => queueKey(queue)))
  const left = survey.queues.filter(({ queue }) => !planned.has(queueKey(queue)))
  return new Set(left.map(({ queue }) => queue.brokerName))
}
