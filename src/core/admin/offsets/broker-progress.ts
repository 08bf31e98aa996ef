import type { ClientInstance, TopicRoute } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import { DLQ_PREFIX, type MessageQueue, queueKey, ResponseCode } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import { committedOffsets } from './committed.ts'
import type { ConsumeStatsByBroker, ToldQueue } from './consume-stats.ts'
import type { FanOut } from './fan-out.ts'
import { drainMs, netRateOf, retentionOf } from './outlook.ts'

/** What one broker knows of a group in a queue. */
interface KnownQueue {
  readonly min: number | undefined
  readonly max: number
  readonly committed: number | undefined
  readonly inflight: number | undefined
  readonly unreadAgeMs: number | undefined
  readonly expiresInMs: number | undefined
  readonly drainsInMs: number | undefined
}

/** What one broker knows of a group. */
export interface BrokerProgress {
  /** By queue key. */
  readonly queues: ReadonlyMap<string, KnownQueue>
  readonly deadLetters: number | undefined
}

interface Asked {
  readonly group: string
  readonly master: Master
  readonly routes: readonly TopicRoute[]
  readonly stats: ConsumeStatsByBroker
  readonly details: boolean
  readonly outlook: boolean
}

interface Parts {
  readonly fanOut: FanOut
  readonly wait: InvokeOptions
}

/** The topics some broker says a group has committed in. */
export function topicsToldBy(stats: ConsumeStatsByBroker): ReadonlySet<string> {
  return new Set([...stats.values()].flatMap((queues) => [...queues.values()].map(({ queue }) => queue.topic)))
}

/**
 * Completes what a broker has told of a group: bounds of the topics it has (202), age of what is unread (303), and what is
 * committed where 0 may mean nothing (14, 43). A broker that has not answered before is not asked again.
 */
export async function brokerProgress(client: ClientInstance, asked: Asked, parts: Parts): Promise<BrokerProgress> {
  const { group, master, routes, stats } = asked
  const told = stats.get(master.brokerName)
  if (told === undefined) return { queues: new Map(), deadLetters: undefined }
  const here = routes.map((route) => queuesHere(route, master)).filter((queues) => queues.length > 0)
  const dead = here.find(([queue]) => queue?.topic.startsWith(DLQ_PREFIX))
  const live = here.filter((queues) => queues !== dead)
  const unsure = live.flat().filter((queue) => (told.get(queueKey(queue))?.committed ?? 0) === 0)
  const behind = asked.outlook && live.flat().some((queue) => isBehind(told.get(queueKey(queue))))
  const [retentionMs, committed, topics, deadBounds] = await Promise.all([
    behind ? retentionOf(client, master, parts.wait) : undefined,
    parts.fanOut.ask(master.brokerName, () => committedOffsets(client, { group, queues: unsure, master }, parts.wait)),
    Promise.all(live.map((queues) => topicProgress(client, { ...asked, queues, told }, parts))),
    dead === undefined ? new Map<string, Bounds>() : boundsOf(client, { ...asked, queues: dead }, parts),
  ])
  const queues = topics.flatMap((topic) =>
    [...topic].map(([key, queue]) => {
      const { unreadAgeMs } = queue
      const left = retentionMs === undefined || unreadAgeMs === undefined ? undefined : retentionMs - unreadAgeMs
      const expiresInMs = left === undefined ? undefined : Math.max(0, left)
      return [key, { ...queue, expiresInMs, committed: queue.committed ?? committed?.get(key) }] as const
    }),
  )
  const deadLetters = deadBounds && [...deadBounds.values()].reduce((sum, { min, max }) => sum + max - min, 0)
  return { queues: new Map(queues), deadLetters }
}

/** All queues of a route on one broker, those of a topic that cannot be read too: dead letters cannot, on old brokers. */
function queuesHere({ topic, data }: TopicRoute, { brokerName }: Master): MessageQueue[] {
  const count = data.queueDatas.find((queue) => queue.brokerName === brokerName)?.readQueueNums ?? 0
  return Array.from({ length: count }, (_, queueId) => ({ topic, brokerName, queueId }))
}

async function topicProgress(
  client: ClientInstance,
  asked: Asked & { readonly queues: readonly MessageQueue[]; readonly told: ReadonlyMap<string, ToldQueue> },
  parts: Parts,
): Promise<ReadonlyMap<string, Omit<KnownQueue, 'expiresInMs'>>> {
  const { queues, told, details, outlook } = asked
  const behind = queues.map((queue) => told.get(queueKey(queue))).filter(isBehind)
  const topic = queues[0]?.topic ?? ''
  const [bounds, ages, netRate] = await Promise.all([
    boundsOf(client, asked, parts),
    details && behind.length > 0 ? agesOf(client, asked, parts) : undefined,
    outlook && behind.length > 0 ? netRateOf(client, { ...asked, topic }, parts.wait) : undefined,
  ])
  const lag = behind.reduce((sum, { max, committed }) => sum + max - committed, 0)
  const drains = drainMs(lag, netRate)
  const known = queues.flatMap((queue) => {
    const key = queueKey(queue)
    const one = told.get(key)
    const bound = bounds?.get(key)
    const max = Math.max(one?.max ?? 0, bound?.max ?? 0)
    if (one === undefined && bound === undefined) return []
    const committed = one !== undefined && one.committed > 0 ? one.committed : undefined
    const inflight = one !== undefined && one.pulled > 0 ? Math.max(0, one.pulled - one.committed) : undefined
    const unread = max > (one?.committed ?? max) ? ages?.get(key) : undefined
    const drainsInMs = isBehind(one) ? drains : undefined
    return [[key, { min: bound?.min, max, committed, inflight, unreadAgeMs: unread, drainsInMs }] as const]
  })
  return new Map(known)
}

function isBehind(told: ToldQueue | undefined): told is ToldQueue {
  return told !== undefined && told.max > told.committed
}

interface Bounds {
  readonly min: number
  readonly max: number
}

async function boundsOf(
  client: ClientInstance,
  { master, queues }: Pick<Asked, 'master'> & { readonly queues: readonly MessageQueue[] },
  { fanOut, wait }: Parts,
): Promise<ReadonlyMap<string, Bounds> | undefined> {
  const [queue] = queues
  if (queue === undefined) return undefined
  return fanOut.ask(master.brokerName, async () => {
    const body = await topicStats(client, master, queue.topic, wait)
    return new Map(body.map(([told, { minOffset, maxOffset }]) => [queueKey(told), { min: minOffset, max: maxOffset }]))
  })
}

/** Nothing where a route names a broker that has lost the topic. */
async function topicStats(client: ClientInstance, master: Master, topic: string, wait: InvokeOptions) {
  try {
    return (await client.remoting.invoke(master.address, 'getTopicStatsInfo', { topic }, wait)).body.offsetTable
  } catch (error) {
    if (!(error instanceof BrokerResponseError) || error.responseCode !== ResponseCode.TOPIC_NOT_EXIST) throw error
    return []
  }
}

/** Where messages before the committed one are gone, the oldest there is counts. */
async function agesOf(
  client: ClientInstance,
  asked: Pick<Asked, 'group' | 'master'> & { readonly queues: readonly MessageQueue[] },
  { fanOut, wait }: Parts,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { group, master, queues } = asked
  const [queue] = queues
  if (queue === undefined) return undefined
  return fanOut.ask(master.brokerName, async () => {
    const request = { topic: queue.topic, group }
    const { body } = await client.remoting.invoke(master.address, 'queryConsumeTimeSpan', request, wait)
    const now = client.clock.now()
    const ages = body.consumeTimeSpanSet.map(({ messageQueue, delayTime, minTimeStamp }) => {
      const oldest = minTimeStamp > 0 ? now - minTimeStamp : delayTime
      return [queueKey(messageQueue), Math.max(0, Math.min(delayTime, oldest))] as const
    })
    return new Map(ages)
  })
}
