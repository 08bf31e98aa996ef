import type { ClientInstance } from '../../client/index.ts'
import { compareText, isSystemGroup, type MessageExt, type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { findBrokers, type Master } from '../cluster-masters.ts'
import { committedOffsets } from '../offsets/committed.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { copiesOf, type FoundCopy } from './message-copies.ts'
import { fateOf, type MessageCopy, type MessageFate } from './message-fate.ts'
import { routeOf } from './topic-brokers.ts'

/** What became of a message in one group. */
export interface TrackedMessage {
  readonly group: string
  readonly fate: MessageFate
  /** What the group has committed in the message's queue. */
  readonly committed: number | undefined
  readonly online: boolean
  /** How often it may come again, as the group is configured; its members may have said otherwise. */
  readonly maxRetries: number | undefined
  readonly copies: readonly MessageCopy[]
  /** Copies can be found: the message has an id of its producer, or a key. */
  readonly traceable: boolean
}

/** What became of a message, and who did not answer. */
export interface MessageTrack {
  readonly groups: readonly TrackedMessage[]
  readonly errors: readonly SourceError[]
}

interface Parts {
  readonly masters: readonly Master[]
  readonly fanOut: FanOut
  readonly wait: InvokeOptions
}

/**
 * Finds out what became of a message in each group that has to do with its topic, or in one. Not by offsets alone, as
 * `MessageTrack` of Java does: copies that were sent back are looked for and followed.
 */
export async function trackMessage(
  client: ClientInstance,
  asked: { readonly message: MessageExt; readonly group: string | undefined },
  wait: InvokeOptions,
): Promise<MessageTrack> {
  const { message, group } = asked
  const fanOut = new FanOut()
  const masters = await mastersAround(client, message.storedTopic, wait)
  const parts = { masters, fanOut, wait }
  const [groups, limits] = await Promise.all([
    group === undefined ? groupsOf(client, message.storedTopic, parts) : [group],
    retryLimits(client, parts),
  ])
  const tracked = await Promise.all(groups.map((name) => trackIn(client, { message, group: name, limits }, parts)))
  return { groups: tracked, errors: fanOut.errors }
}

/** All of the clusters that have the topic: copies may be on any of their brokers. */
async function mastersAround(client: ClientInstance, topic: string, wait: InvokeOptions): Promise<readonly Master[]> {
  const [route, { masters }] = await Promise.all([routeOf(client, topic, wait), findBrokers(client, wait)])
  const names = new Set(route.data.brokerDatas.map(({ brokerName }) => brokerName))
  const clusters = new Set(masters.filter(({ brokerName }) => names.has(brokerName)).map(({ cluster }) => cluster))
  return masters.filter(({ cluster }) => clusters.has(cluster))
}

/** Those that have committed something in a topic or subscribe to it now (300). */
async function groupsOf(client: ClientInstance, topic: string, parts: Parts): Promise<readonly string[]> {
  const answers = parts.masters.map(({ brokerName, address }) =>
    parts.fanOut.ask(brokerName, () =>
      client.remoting.invoke(address, 'queryTopicConsumeByWho', { topic }, parts.wait),
    ),
  )
  const told = (await Promise.all(answers)).flatMap((answer) => answer?.body.groupList ?? [])
  return [...new Set(told)].filter((group) => !isSystemGroup(group)).sort(compareText)
}

/** How often each group's messages may come again (201). */
async function retryLimits(client: ClientInstance, parts: Parts): Promise<ReadonlyMap<string, number>> {
  const answers = parts.masters.map(({ brokerName, address }) =>
    parts.fanOut.ask(brokerName, () =>
      client.remoting.invoke(address, 'getAllSubscriptionGroupConfig', {}, parts.wait),
    ),
  )
  const tables = (await Promise.all(answers)).map((answer) => answer?.body.subscriptionGroupTable)
  return new Map(
    tables.flatMap((table) => [...(table ?? [])].map(([group, { retryMaxTimes }]) => [group, retryMaxTimes] as const)),
  )
}

async function trackIn(
  client: ClientInstance,
  asked: { readonly message: MessageExt; readonly group: string; readonly limits: ReadonlyMap<string, number> },
  parts: Parts,
): Promise<TrackedMessage> {
  const { message, group, limits } = asked
  const { storedTopic: topic, queueId, brokerName } = message
  const queue = { topic, queueId, brokerName }
  const [own, connection, found] = await Promise.all([
    progressIn(client, { group, queue }, parts),
    connectionOf(client, group, parts),
    copiesOf(client, { message, group, masters: parts.masters }, parts),
  ])
  const copies = await Promise.all((found ?? []).map((copy) => withCommitted(client, { group, copy }, parts)))
  const facts = {
    message,
    committed: own?.committed,
    min: own?.min ?? 0,
    broadcasting: connection?.messageModel === 'BROADCASTING',
    subscription: connection?.subscriptionTable.get(topic),
    copies,
  }
  const why = own === undefined ? `${brokerName} did not answer` : undefined
  return {
    group,
    fate: why !== undefined && copies.length === 0 ? { state: 'unknown', why } : fateOf(facts),
    committed: own?.committed,
    online: connection !== undefined,
    maxRetries: limits.get(group),
    copies,
    traceable: found !== undefined,
  }
}

/** How far a group is in a queue; `undefined` when its broker does not tell. */
async function progressIn(
  client: ClientInstance,
  { group, queue }: { readonly group: string; readonly queue: MessageQueue },
  { masters, fanOut, wait }: Parts,
): Promise<{ readonly committed: number | undefined; readonly min: number } | undefined> {
  const master = masters.find(({ brokerName }) => brokerName === queue.brokerName)
  if (master === undefined) return undefined
  return fanOut.ask(queue.brokerName, async () => {
    const [committed, min] = await Promise.all([
      committedOffsets(client, { group, queues: [queue], master }, wait),
      client.queueOffsets.min(queue, wait),
    ])
    return { committed: committed.get(queueKey(queue)), min }
  })
}

async function withCommitted(
  client: ClientInstance,
  { group, copy }: { readonly group: string; readonly copy: FoundCopy },
  parts: Parts,
): Promise<MessageCopy> {
  if (copy.kind !== 'retry') return { ...copy, committed: undefined, min: undefined }
  const { storedTopic: topic, queueId, brokerName } = copy.message
  const progress = await progressIn(client, { group, queue: { topic, queueId, brokerName } }, parts)
  return { ...copy, committed: progress?.committed, min: progress?.min }
}

/** Who is online, as the first broker tells that knows of somebody (203). */
async function connectionOf(client: ClientInstance, group: string, { masters, fanOut, wait }: Parts) {
  const request = { consumerGroup: group }
  const answers = masters.map(({ brokerName, address }) =>
    fanOut.ask(brokerName, () => client.remoting.invoke(address, 'getConsumerConnectionList', request, wait)),
  )
  const online = (await Promise.all(answers)).find((answer) => answer?.outcome === 'OK')
  return online?.outcome === 'OK' ? online.body : undefined
}
