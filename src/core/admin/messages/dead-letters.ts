import type { ClientInstance } from '../../client/index.ts'
import { compareText, DLQ_PREFIX, dlqTopic, type MessageExt, type MessageQueue } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { listTopics } from '../topic-list.ts'
import { readQueue } from './read-queue.ts'

/** A queue with dead letters. */
export interface DeadLetterQueue {
  readonly queue: MessageQueue
  readonly min: number
  readonly max: number
}

/** How many dead letters a group has. */
export interface DeadLetterGroup {
  readonly group: string
  readonly topic: string
  /** Sorted by broker; those that told their bounds. */
  readonly queues: readonly DeadLetterQueue[]
  readonly count: number
  /** When the first and the last of them were stored, in ms since the epoch. */
  readonly oldest: number | undefined
  readonly newest: number | undefined
}

/** Groups, and who did not answer. */
export interface DeadLetterGroups {
  readonly groups: readonly DeadLetterGroup[]
  readonly errors: readonly SourceError[]
}

/** All groups of a cluster that have a dead-letter topic, empty or not. */
export async function deadLetterGroups(client: ClientInstance, wait: InvokeOptions): Promise<DeadLetterGroups> {
  const { topics, errors } = await listTopics(client, wait)
  const fanOut = new FanOut()
  for (const { source, error } of errors) fanOut.note(source, error)
  const dead = topics.filter(({ kind }) => kind === 'dlq')
  const groups = await Promise.all(
    dead.map(({ topic }) => deadLettersOf(client, topic.slice(DLQ_PREFIX.length), { fanOut, wait })),
  )
  return { groups: groups.filter((group) => group !== undefined), errors: fanOut.errors }
}

/** The dead letters of one group; `undefined` when it never had any. */
export async function deadLettersOf(
  client: ClientInstance,
  group: string,
  { fanOut, wait }: { readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<DeadLetterGroup | undefined> {
  const topic = dlqTopic(group)
  const route = await client.routes.refresh(topic, wait)
  if (route === undefined) return undefined
  // Not only those that may be read: brokers of old let nobody read dead letters, and count them all the same.
  const all = route.data.queueDatas.flatMap(({ brokerName, readQueueNums, writeQueueNums }) =>
    Array.from({ length: Math.max(readQueueNums, writeQueueNums) }, (_, queueId) => ({ topic, brokerName, queueId })),
  )
  const asked = all.map((queue) =>
    fanOut.ask(queue.brokerName, async () => {
      const { queueOffsets } = client
      const [min, max] = await Promise.all([queueOffsets.min(queue, wait), queueOffsets.max(queue, wait)])
      if (max <= min) return { queue, min, max, times: [] }
      const times = [queueOffsets.storeTime(queue, min, wait), queueOffsets.storeTime(queue, max - 1, wait)]
      return { queue, min, max, times: await Promise.all(times) }
    }),
  )
  const told = (await Promise.all(asked)).filter((one) => one !== undefined)
  const times = told.flatMap((one) => one.times).filter((time) => time !== undefined)
  return {
    group,
    topic,
    queues: told
      .map(({ queue, min, max }) => ({ queue, min, max }))
      .sort((a, b) => compareText(a.queue.brokerName, b.queue.brokerName) || a.queue.queueId - b.queue.queueId),
    count: told.reduce((sum, { min, max }) => sum + max - min, 0),
    oldest: times.length === 0 ? undefined : Math.min(...times),
    newest: times.length === 0 ? undefined : Math.max(...times),
  }
}

/**
 * Reads dead letters, queue by queue, each from its oldest on; those that come meanwhile are not read. `take` says whether
 * to go on. A broker that fails is noted, and the others are read all the same.
 */
export async function readDeadLetters(
  client: ClientInstance,
  queues: readonly DeadLetterQueue[],
  parts: {
    readonly fanOut: FanOut
    readonly wait: InvokeOptions
    readonly take: (letters: readonly MessageExt[]) => boolean | Promise<boolean>
  },
): Promise<void> {
  const { fanOut, wait, take } = parts
  for (const { queue, min, max } of queues) {
    const more = await fanOut.ask(queue.brokerName, async () => {
      for await (const letters of readQueue(client, { queue, from: min, to: max }, wait)) {
        if (!(await take(letters))) return false
      }
      return true
    })
    if (more === false) return
  }
}
