import type { ClientInstance, TopicRoute } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import { compareText, DLQ_PREFIX, type MessageQueue, queueKey, type SubscriptionData } from '../../protocol/index.ts'
import { halved, type InvokeOptions } from '../../remoting/index.ts'
import { type Brokers, findBrokers, type Master } from '../cluster-masters.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import {
  askMembers,
  type Connections,
  findConnections,
  type GroupMemberFacts,
  type Membership,
} from '../offsets/group-members.ts'
import { noteLostBrokers } from '../offsets/lost-brokers.ts'
import { isAnyQueue } from '../popped-queues.ts'

/** What one broker that answered says of a group's members. */
export interface MembersAtBroker {
  readonly brokerName: string
  /** As it tells members who ask (38): in no order, and one that is connected twice maybe twice. */
  readonly clientIds: readonly string[]
  /** Every connection (203). */
  readonly connections: readonly { readonly clientId: string; readonly address: string }[]
  /** Of the heartbeat that came last. */
  readonly subscriptions: readonly SubscriptionData[]
}

/** A topic the group has to do with. */
export interface SharedTopic {
  readonly topic: string
  /** All that can be read, in the order every member agrees on. */
  readonly queues: readonly MessageQueue[]
}

/** How the queues of a group are shared, as far as somebody told. */
export interface GroupAllocation extends Membership {
  readonly group: string
  readonly brokers: Brokers
  /** Of each broker that answered, sorted by name. */
  readonly byBroker: readonly MembersAtBroker[]
  /** Sorted by name; the retry topic too, never dead letters. */
  readonly topics: readonly SharedTopic[]
  /** Who did not answer. */
  readonly errors: readonly SourceError[]
}

/** What to find out. */
export interface AllocationRequest {
  /** As it is called on the wire, as is the topic. */
  readonly group: string
  /** Only this topic; without it all that members subscribe to or hold. */
  readonly topic?: string | undefined
}

/**
 * Asks all brokers and members at once who is in a group and holds which queues (203, 38, 307). Whoever does not answer
 * is named in `errors`. Rejects when no name server answers.
 */
export async function surveyAllocation(
  client: ClientInstance,
  request: AllocationRequest,
  wait: InvokeOptions,
): Promise<GroupAllocation> {
  const fanOut = new FanOut()
  const brokers = await findBrokers(client, wait)
  // Half of the time: a broker that hangs must leave the others enough for what follows.
  const half = halved(wait)
  const { group } = request
  const connections = await findConnections(client, group, { fanOut, masters: brokers.masters, wait: half })
  const members = askMembers(client, group, { connections, fanOut, wait: half })
  return allocationAmong(client, request, { brokers, connections, members, fanOut, wait })
}

/** Who has been asked already. */
export interface AskedMembers {
  readonly brokers: Brokers
  readonly connections: Connections
  /** What they tell. */
  readonly members: Promise<readonly GroupMemberFacts[]>
  readonly fanOut: FanOut
  readonly wait: InvokeOptions
  /** For what other questions follow. */
}

/** How queues are shared among members that are asked already. */
export async function allocationAmong(
  client: ClientInstance,
  { group, topic }: AllocationRequest,
  { brokers, connections, members: asked, fanOut, wait }: AskedMembers,
): Promise<GroupAllocation> {
  const [members, byBroker] = await Promise.all([
    asked,
    membersByBroker(client, { group, connections }, { fanOut, wait: halved(wait) }),
  ])
  noteLostBrokers(members, { brokers, topic, fanOut })
  const wanted = topic === undefined ? topicsOf(members, connections.membership.subscribed) : [topic]
  const routes = await Promise.all(
    wanted.map((name) => fanOut.ask('name server', () => client.routes.refresh(name, wait))),
  )
  return {
    group,
    brokers,
    members: [...members].sort((a, b) => compareText(a.clientId, b.clientId)),
    ...connections.membership,
    byBroker,
    topics: routes.filter((route) => route !== undefined).map(sharedTopic),
    errors: fanOut.errors,
  }
}

/** Where a topic is gone, members may hold its queues still: the topic then is no part of the result. */
function sharedTopic({ topic, subscribeQueues }: TopicRoute): SharedTopic {
  return { topic, queues: subscribeQueues }
}

function topicsOf(members: readonly GroupMemberFacts[], subscribed: ReadonlySet<string>): string[] {
  const told = members.flatMap(({ info }) => [
    ...(info?.subscriptionSet ?? []).map(({ topic }) => topic),
    ...[...(info?.mqTable ?? []), ...(info?.mqPopTable ?? [])].map(([{ topic }]) => topic),
  ])
  return [...new Set([...told, ...subscribed])].filter((name) => !name.startsWith(DLQ_PREFIX)).sort(compareText)
}

async function membersByBroker(
  client: ClientInstance,
  { group, connections }: { readonly group: string; readonly connections: Connections },
  { fanOut, wait }: { readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<readonly MembersAtBroker[]> {
  const answers = connections.byBroker.map(async ({ master, told }): Promise<MembersAtBroker | undefined> => {
    const { brokerName } = master
    if (told === undefined) return { brokerName, clientIds: [], connections: [], subscriptions: [] }
    const clientIds = await fanOut.ask(brokerName, () => listMembers(client, group, { master, wait }))
    return (
      clientIds && {
        brokerName,
        clientIds,
        connections: told.connectionSet.map(({ clientId, clientAddr }) => ({ clientId, address: clientAddr })),
        subscriptions: [...told.subscriptionTable.values()],
      }
    )
  })
  const known = (await Promise.all(answers)).filter((answer) => answer !== undefined)
  return known.sort((a, b) => compareText(a.brokerName, b.brokerName))
}

/** The last member may leave between two questions: a broker then says that it is no group it knows members of. */
async function listMembers(
  client: ClientInstance,
  group: string,
  { master, wait }: { readonly master: Master; readonly wait: InvokeOptions },
): Promise<readonly string[]> {
  try {
    const request = { consumerGroup: group }
    return (await client.remoting.invoke(master.address, 'getConsumerListByGroup', request, wait)).body.consumerIdList
  } catch (error) {
    if (error instanceof BrokerResponseError) return []
    throw error
  }
}

/** A queue a member holds. */
export interface HeldByMember {
  readonly queue: MessageQueue
  readonly clientId: string
  /** Whether the broker's lock is held; `undefined` where there is none, since the group is not orderly. */
  readonly locked: boolean | undefined
  /** It pops: others may hold the queue too. */
  readonly pops: boolean
}

/** The queues a member holds and has not given up. */
export function heldBy({ clientId, info }: GroupMemberFacts): readonly HeldByMember[] {
  const orderly = info?.properties.get('PROP_CONSUMEORDERLY') === 'true'
  const pulled = (info?.mqTable ?? [])
    .filter(([, { droped }]) => !droped)
    .map(([queue, { locked }]) => ({ queue, clientId, locked: orderly ? locked : undefined, pops: false }))
  const popped = (info?.mqPopTable ?? [])
    .filter(([, { droped }]) => !droped)
    .map(([queue]) => ({ queue, clientId, locked: undefined, pops: true }))
  return [...pulled, ...popped]
}

/** Who holds each queue of the topics surveyed, by queue key; a queue nobody holds is there too. Who pops from any queue holds all of them. */
export function holders({
  topics,
  members,
}: Pick<GroupAllocation, 'topics' | 'members'>): ReadonlyMap<string, readonly HeldByMember[]> {
  const known = new Map<string, HeldByMember[]>()
  for (const { queues } of topics) for (const queue of queues) known.set(queueKey(queue), [])
  for (const held of members.flatMap(heldBy)) {
    if (!isAnyQueue(held.queue)) known.get(queueKey(held.queue))?.push(held)
    else for (const queue of queuesLike(held.queue, topics)) known.get(queueKey(queue))?.push({ ...held, queue })
  }
  return known
}

function queuesLike({ topic, brokerName }: MessageQueue, topics: readonly SharedTopic[]): readonly MessageQueue[] {
  return topics
    .filter((one) => one.topic === topic)
    .flatMap(({ queues }) => queues.filter((queue) => queue.brokerName === brokerName))
}
