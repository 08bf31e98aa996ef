import type { ClientInstance } from '../../client/index.ts'
import type { MessageExt } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { FanOut } from '../offsets/fan-out.ts'
import { type FoundMessages, inOrder, recordKey } from './found-messages.ts'
import { INDEX_LIMIT, queryIndex } from './query-index.ts'
import { readQueue } from './read-queue.ts'
import { brokersToAsk, routeOf, type TopicBroker } from './topic-brokers.ts'

interface Asked {
  readonly topic: string
  readonly key: string
  readonly broker: TopicBroker
  /** Queues of the topic there. */
  readonly queues: number
}

/** An index knows times to the second, counted from its own beginning: an entry may be told up to that much early. */
const SECOND_MS = 1000

/**
 * Finds all messages of a topic with a key, however many: a broker answers the newest 64 of a span of time, so it is asked
 * again for what came before; where more than that lie within seconds, those seconds of its queues are read. Rejects with
 * NotFoundError for a topic nobody knows.
 */
export async function findByKey(
  client: ClientInstance,
  asked: { readonly topic: string; readonly key: string },
  wait: InvokeOptions,
): Promise<FoundMessages> {
  const { topic, key } = asked
  const route = await routeOf(client, topic, wait)
  const brokers = await brokersToAsk(client, route, wait)
  const fanOut = new FanOut()
  const found = await Promise.all(
    brokers.map((broker) => {
      const queues = route.data.queueDatas.find(({ brokerName }) => brokerName === broker.brokerName)
      const here = { topic, key, broker, queues: queues?.readQueueNums ?? 0 }
      return fanOut.ask(broker.brokerName, () => walk(client, here, wait))
    }),
  )
  return { messages: inOrder(found.flatMap((messages) => messages ?? [])), errors: fanOut.errors }
}

/** Whether an index would name a message by this key. */
function hasKey(message: MessageExt, { topic, key }: Pick<Asked, 'topic' | 'key'>): boolean {
  return message.storedTopic === topic && (message.keys.includes(key) || message.msgId === key)
}

/** Goes back in time until a broker has told everything. */
async function walk(client: ClientInstance, asked: Asked, wait: InvokeOptions): Promise<readonly MessageExt[]> {
  const found = new Map<string, MessageExt>()
  for (let end: number | undefined; end === undefined || end >= 0; ) {
    wait.signal?.throwIfAborted()
    const page = await queryIndex(client, { ...asked, end }, wait)
    const fresh = page.filter((message) => !found.has(recordKey(message)))
    for (const message of fresh) found.set(recordKey(message), message)
    if (page.length < INDEX_LIMIT) break
    const oldest = Math.min(...page.map(({ storeTimestamp }) => storeTimestamp))
    // Some of them were told before, since spans overlap by a second. If most were, this second has more than fit.
    if (fresh.length >= INDEX_LIMIT / 2) {
      end = oldest
      continue
    }
    const from = oldest - 2 * SECOND_MS
    for (const message of await readSpan(client, asked, { from, to: oldest + SECOND_MS, wait })) {
      found.set(recordKey(message), message)
    }
    end = from
  }
  return [...found.values()].filter((message) => hasKey(message, asked))
}

/** What was stored within a span of time, both ends included, with the key. */
async function readSpan(
  client: ClientInstance,
  asked: Asked,
  { from, to, wait }: { readonly from: number; readonly to: number; readonly wait: InvokeOptions },
): Promise<readonly MessageExt[]> {
  const { brokerName } = asked.broker
  const queues = Array.from({ length: asked.queues }, async (_, queueId) => {
    const queue = { topic: asked.topic, brokerName, queueId }
    const start = await client.queueOffsets.search(queue, Math.max(0, from), wait)
    const found: MessageExt[] = []
    for await (const messages of readQueue(client, { queue, from: start, to: Number.MAX_SAFE_INTEGER }, wait)) {
      found.push(...messages.filter((message) => message.storeTimestamp <= to && hasKey(message, asked)))
      if ((messages.at(-1)?.storeTimestamp ?? 0) > to) break
    }
    // A few of many: they must not keep everything that was read.
    return found.map((message) => message.copy())
  })
  return (await Promise.all(queues)).flat()
}
