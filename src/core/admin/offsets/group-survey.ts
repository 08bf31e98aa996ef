import type { ClientInstance, TopicRoute } from '../../client/index.ts'
import { compareText, DLQ_PREFIX, dlqTopic, queueKey, RETRY_PREFIX, retryTopic } from '../../protocol/index.ts'
import { halved, type InvokeOptions } from '../../remoting/index.ts'
import { type Brokers, findBrokers, type Master } from '../cluster-masters.ts'
import { type BrokerProgress, brokerProgress, topicsToldBy } from './broker-progress.ts'
import { type ConsumeStatsByBroker, consumeStats } from './consume-stats.ts'
import { FanOut, type SourceError } from './fan-out.ts'
import {
  askMembers,
  type Connections,
  findConnections,
  type GroupMemberFacts,
  type Membership,
  ownersByQueue,
} from './group-members.ts'
import { noteLostBrokers } from './lost-brokers.ts'
import { type QueueProgress, queueState } from './queue-progress.ts'

/** What to find out about a group. */
export interface SurveyRequest {
  /** As it is called on the wire, as are the topics. */
  readonly group: string
  /** Only this topic; without it all the group has to do with, its retry and dead-letter topics too. */
  readonly topic?: string | undefined
  /** How old unread messages are (303), who the members are and where they stand (203, 307). @default true */
  readonly details?: boolean
  /** When what is unread may be removed, and when it is consumed (26, 315). @default false */
  readonly outlook?: boolean
  /** Members that are not asked, and count as silent. */
  readonly except?: ReadonlySet<string> | undefined
}

/** How a group stands, as far as somebody answered. */
export interface GroupSurvey extends Membership {
  readonly group: string
  readonly brokers: Brokers
  /** Sorted by topic, broker and id; those of the retry topic too. */
  readonly queues: readonly QueueProgress[]
  /** Messages among the dead letters; `undefined`: not asked, or not known. */
  readonly deadLetters: number | undefined
  /** Who did not answer. */
  readonly errors: readonly SourceError[]
}

/**
 * Asks a cluster how a group stands, all brokers at once: a few requests for each broker and topic, one for each member.
 * Whoever does not answer is named in `errors`, and its queues are unknown. Rejects when no name server answers.
 */
export async function surveyGroup(
  client: ClientInstance,
  request: SurveyRequest,
  wait: InvokeOptions,
): Promise<GroupSurvey> {
  const { group, topic, details = true, except } = request
  const fanOut = new FanOut()
  const brokers = await findBrokers(client, wait)
  const { masters } = brokers
  // Half of the time: a broker that hangs must leave the others enough for what follows.
  const first = { fanOut, masters, wait: halved(wait) }
  const [stats, connections] = await Promise.all([
    consumeStats(client, { group, topic }, first),
    details ? findConnections(client, group, first) : undefined,
  ])
  const members = connections && askMembers(client, group, { connections, fanOut, wait, except })
  return progressWith(client, request, { brokers, stats, connections, members, fanOut, wait })
}

/** What has been asked already. */
export interface AskedProgress {
  readonly brokers: Brokers
  readonly stats: ConsumeStatsByBroker
  /** `undefined`: not asked. */
  readonly connections: Connections | undefined
  readonly members: Promise<readonly GroupMemberFacts[]> | undefined
  readonly fanOut: FanOut
  readonly wait: InvokeOptions
}

/** How a group stands, given who is online and what brokers say it has committed. */
export async function progressWith(
  client: ClientInstance,
  { group, topic, details = true, outlook = false }: SurveyRequest,
  { brokers, stats, connections, members: asked, fanOut, wait }: AskedProgress,
): Promise<GroupSurvey> {
  const subscribed = connections?.membership.subscribed ?? new Set<string>()
  const wanted = topic === undefined ? wantedTopics(group, topicsToldBy(stats), subscribed) : [topic]
  const [members = [], routes] = await Promise.all([asked, routesOf(client, wanted, { fanOut, wait })])
  noteLostBrokers(members, { brokers, topic, fanOut })
  const progress = await Promise.all(
    brokers.masters.map((master) =>
      brokerProgress(client, { group, master, routes, stats, details, outlook }, { fanOut, wait }),
    ),
  )
  return {
    group,
    brokers,
    members,
    messageModel: connections?.membership.messageModel,
    consumeType: connections?.membership.consumeType,
    subscribed,
    ...judged(progress, { routes, owners: ownersByQueue(members), fanOut, brokers }),
    errors: fanOut.errors,
  }
}

function wantedTopics(group: string, told: ReadonlySet<string>, subscribed: ReadonlySet<string>): string[] {
  return [...new Set([...told, ...subscribed, retryTopic(group), dlqTopic(group)])].sort(compareText)
}

async function routesOf(
  client: ClientInstance,
  topics: readonly string[],
  { fanOut, wait }: { readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<readonly TopicRoute[]> {
  const routes = topics.map((topic) => fanOut.ask('name server', () => client.routes.refresh(topic, wait)))
  return (await Promise.all(routes)).filter((route) => route !== undefined)
}

function judged(
  progress: readonly BrokerProgress[],
  parts: {
    readonly routes: readonly TopicRoute[]
    readonly owners: ReturnType<typeof ownersByQueue>
    readonly fanOut: FanOut
    readonly brokers: Brokers
  },
): Pick<GroupSurvey, 'queues' | 'deadLetters'> {
  const { routes, owners, fanOut, brokers } = parts
  const known = new Map(progress.flatMap(({ queues }) => [...queues]))
  const names = new Set(brokers.masters.map(({ brokerName }) => brokerName))
  const queues = routes
    .filter((route) => !route.topic.startsWith(DLQ_PREFIX))
    .flatMap((route) => route.subscribeQueues)
    .map((queue): QueueProgress => {
      const key = queueKey(queue)
      const told = known.get(key)
      const owned = owners.get(key) ?? []
      const [owner] = owned
      const facts = {
        queue,
        min: told?.min,
        max: told?.max,
        committed: told?.committed,
        inflight: told?.inflight ?? owner?.cached,
        owners: owned,
        unreadAgeMs: told?.unreadAgeMs,
        expiresInMs: told?.expiresInMs,
        drainsInMs: told?.drainsInMs,
      }
      return { ...facts, state: queueState(facts, whyUnknown(queue.brokerName, told !== undefined, fanOut, names)) }
    })
  const dead = progress.map(({ deadLetters }) => deadLetters)
  const deadLetters = dead.some((count) => count === undefined)
    ? undefined
    : dead.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  return { queues, deadLetters }
}

function whyUnknown(
  brokerName: string,
  told: boolean,
  fanOut: FanOut,
  masters: ReadonlySet<string>,
): string | undefined {
  if (told) return undefined
  if (!masters.has(brokerName)) return `${brokerName} has no master`
  const error = fanOut.errorOf(brokerName)
  return error?.code === 'TIMEOUT' ? `${brokerName} did not answer` : `${brokerName} cannot be asked`
}

/** Whether a topic is where messages of a group come again. */
export function isRetryTopic(topic: string): boolean {
  return topic.startsWith(RETRY_PREFIX)
}

/** The masters of the brokers a survey has queues on, by name. */
export function mastersByName(survey: Pick<GroupSurvey, 'brokers'>): ReadonlyMap<string, Master> {
  return new Map(survey.brokers.masters.map((master) => [master.brokerName, master]))
}
