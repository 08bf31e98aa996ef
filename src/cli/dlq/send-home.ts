import { findById } from '../../core/admin/index.ts'
import { BrokerResponseError, RocketMQError } from '../../core/errors.ts'
import type { Producer } from '../../core/producer/index.ts'
import type { MessageExt } from '../../core/protocol/index.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { MessageParts } from '../messages/look-up.ts'
import type { Checkpoint } from './checkpoint.ts'
import { homeMessage, originIdOf, REDRIVEN_FROM } from './home-message.ts'
import { originTopicOf } from './letter.ts'

/** What became of a letter. */
export interface RedriveItem {
  readonly letter: string
  readonly msgId: string
  readonly topic: string | null
  /** `sent-before`: by an earlier run; `unknown`: nobody answered, so it may be at home or not. */
  readonly state: 'sent' | 'sent-before' | 'failed' | 'unknown' | 'skipped'
  readonly broker: string | null
  readonly queue: number | null
  readonly offset: number | null
  readonly why: string | null
}

/** What letters are sent home with. */
export interface SendHomeParts extends MessageParts {
  readonly producer: Pick<Producer, 'send'>
  readonly checkpoint: Checkpoint
  /** Topics there are. */
  readonly homes: ReadonlySet<string>
}

type Place = Pick<RedriveItem, 'broker' | 'queue' | 'offset'>

/** A broker answers a send before its index knows the message. */
const INDEX_DELAY_MS = 1000

/**
 * Sends one letter home, unless it is there. One attempt: whether a send that nobody answered has arrived is looked up, not
 * tried again.
 */
export async function sendHome(letter: MessageExt, parts: SendHomeParts): Promise<RedriveItem> {
  const { checkpoint, homes, producer } = parts
  const topic = originTopicOf(letter)
  const item = itemOf(letter, parts)
  if (topic === undefined) return item('skipped', 'it does not say which topic it came from')
  if (!homes.has(topic)) return item('skipped', 'its topic is not there any more')
  const id = letter.offsetMsgId
  try {
    if (checkpoint.stateOf(id) === 'sending') {
      const place = await placeAtHome(letter, topic, parts)
      if (place !== undefined) {
        checkpoint.set(id, 'sent')
        return { ...item('sent-before'), ...place }
      }
    }
    const message = homeMessage(letter, topic)
    checkpoint.set(id, 'sending')
    const { queue, queueOffset } = await producer.send(message)
    checkpoint.set(id, 'sent')
    return { ...item('sent'), broker: queue.brokerName, queue: queue.queueId, offset: queueOffset }
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    const open = ['TIMEOUT', 'UNREACHABLE'].includes(error.code) && !(error instanceof BrokerResponseError)
    return item(open ? 'unknown' : 'failed', error.message)
  }
}

/** Looks twice. Rejects with what kept a broker from answering: it may be the one that has it. */
async function placeAtHome(letter: MessageExt, topic: string, parts: SendHomeParts): Promise<Place | undefined> {
  const { connection, context } = parts
  for (const last of [false, true]) {
    const asked = { topic, id: originIdOf(letter) }
    const { messages, errors } = await findById(connection.client, asked, invokeOptions(context))
    const copy = messages.find((message) => message.getProperty(REDRIVEN_FROM) === letter.offsetMsgId)
    if (copy !== undefined) return { broker: copy.brokerName, queue: copy.queueId, offset: copy.queueOffset }
    const [first] = errors
    if (first !== undefined) throw first.error
    if (!last) await context.clock.sleep(INDEX_DELAY_MS, { signal: context.signal })
  }
  return undefined
}

function itemOf(letter: MessageExt, { connection }: SendHomeParts) {
  const topic = originTopicOf(letter)
  return (state: RedriveItem['state'], why: string | null = null): RedriveItem => ({
    letter: `${letter.brokerName}:${letter.queueId}:${letter.queueOffset}`,
    msgId: originIdOf(letter),
    topic: topic === undefined ? null : connection.userName(topic),
    state,
    broker: null,
    queue: null,
    offset: null,
    why,
  })
}
