import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError, ProtocolError } from '../../errors.ts'
import { decodeMessages, decodeOffsetMessageId, type MessageExt } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { FanOut } from '../offsets/fan-out.ts'
import { type FoundMessages, inOrder } from './found-messages.ts'
import { queryIndex } from './query-index.ts'
import { brokersToAsk, routeOf, type TopicBroker } from './topic-brokers.ts'

/** What was found by an id. */
export interface FoundById extends FoundMessages {
  /** Where the record is that the id names, when it is not in the topic asked for. */
  readonly elsewhere: string | undefined
}

const MAX_PORT = 65_535

/**
 * Finds a message of a topic by either of its ids: the producer's (UNIQ_KEY), which several records may have, by every
 * broker's index; the broker's, by what lies at that place of its commit log. The two look alike, so both are tried, at
 * all brokers at once. Rejects with NotFoundError for a topic nobody knows.
 */
export async function findById(
  client: ClientInstance,
  asked: { readonly topic: string; readonly id: string },
  wait: InvokeOptions,
): Promise<FoundById> {
  const { topic, id } = asked
  const brokers = await brokersToAsk(client, await routeOf(client, topic, wait), wait)
  const fanOut = new FanOut()
  const [byKey, byPlace] = await Promise.all([
    Promise.all(
      brokers.map((broker) => fanOut.ask(broker.brokerName, () => withUniqKey(client, { topic, id, broker }, wait))),
    ),
    atPlace(client, { id, brokers }, { fanOut, wait }),
  ])
  const here = byPlace.filter(({ storedTopic }) => storedTopic === topic)
  const messages = inOrder([...byKey.flatMap((found) => found ?? []), ...here])
  return { messages, errors: fanOut.errors, elsewhere: byPlace.find((one) => !here.includes(one))?.storedTopic }
}

/** The records of a topic on one broker that have a producer's id, as its index tells (12). */
async function withUniqKey(
  client: ClientInstance,
  asked: { readonly topic: string; readonly id: string; readonly broker: TopicBroker },
  wait: InvokeOptions,
): Promise<readonly MessageExt[]> {
  const { topic, id, broker } = asked
  // Java writes capitals; an index compares letter by letter.
  for (const key of new Set([id, id.toUpperCase()])) {
    const found = await queryIndex(client, { topic, key, broker }, wait)
    // By hash only: what the index finds may be another one.
    const right = found.filter((message) => message.msgId === key && message.storedTopic === topic)
    if (right.length > 0) return right
  }
  return []
}

/**
 * What lies where a broker's id says (33). Its address is the broker's own word and may have changed: when no broker has
 * it, all are asked, and what comes back has to have that id.
 */
async function atPlace(
  client: ClientInstance,
  asked: { readonly id: string; readonly brokers: readonly TopicBroker[] },
  parts: { readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<readonly MessageExt[]> {
  const { id, brokers } = asked
  const place = placeOf(id)
  if (place === undefined) return []
  const named = brokers.filter(({ addresses }) => addresses.includes(place.address))
  const found = await Promise.all(
    (named.length > 0 ? named : brokers).map(({ brokerName, address }) =>
      parts.fanOut.ask(brokerName, async () => {
        const record = await recordAt(client, { address, offset: place.offset }, parts.wait)
        return record === undefined ? [] : ofId(record, id, brokerName)
      }),
    ),
  )
  return found.flatMap((messages) => messages ?? [])
}

/** `undefined` for what cannot be a broker's id: a producer's has a number in place of the port that is no port. */
function placeOf(id: string): { readonly address: string; readonly offset: bigint } | undefined {
  try {
    const { host, port, commitLogOffset } = decodeOffsetMessageId(id)
    if (port <= 0 || port > MAX_PORT || commitLogOffset < 0n) return undefined
    return { address: `${host}:${port}`, offset: commitLogOffset }
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

async function recordAt(
  client: ClientInstance,
  asked: { readonly address: string; readonly offset: bigint },
  wait: InvokeOptions,
): Promise<Buffer | undefined> {
  try {
    return (await client.remoting.invoke(asked.address, 'viewMessageById', { offset: asked.offset }, wait)).body
  } catch (error) {
    // A broker has one code for all that goes wrong here; that nothing is there is most of it.
    if (error instanceof BrokerResponseError && error.code === 'RESPONSE') return undefined
    throw error
  }
}

/** In the middle of a record there is anything, and after retention a broker may answer with another message. */
function ofId(record: Buffer, id: string, brokerName: string): readonly MessageExt[] {
  try {
    return decodeMessages(record, { brokerName }).filter(({ offsetMsgId }) => offsetMsgId === id.toUpperCase())
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
}
