import {
  encodeProperties,
  encodeStoredMessage,
  formatPopHandle,
  MessageExt,
  PropertyName,
  popRetryTopic,
} from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import type { Wanted } from '../pull-subscription.ts'
import type { Write } from '../store/key-value-store.ts'
import type { ReadResult } from '../store/queue-reader.ts'

type Services = Pick<BrokerServices, 'topics' | 'messages' | 'reader' | 'offsets' | 'popped' | 'traffic' | 'identity'>

/** One POP, and the time it happens at. */
export interface Pop {
  readonly group: string
  readonly topic: string
  /** -1: any. */
  readonly queueId: number
  readonly maxMessages: number
  readonly invisibleMs: number
  readonly popTimeMs: number
  /** Whether a queue the group has no offset in begins at its first message. */
  readonly fromMin: boolean
  readonly wanted: Wanted
}

/** What was popped from one queue. */
export interface PoppedQueue {
  /** 0: the topic, 1: the group's retry topic of it. */
  readonly mark: string
  readonly queueId: number
  readonly offsets: readonly number[]
  readonly records: readonly Buffer[]
}

/** The messages of a POP, and what has to be on disk before anybody is told. */
export interface PopResult {
  readonly queues: readonly PoppedQueue[]
  /** Messages still there for the group. */
  readonly rest: number
  readonly writes: readonly Write[]
}

/** All pops go through one checkpoint-less table: the number says nothing here. */
export const REVIVE_QUEUE = 0

/** Where a queue of a POP lies. */
export interface PopPlace {
  readonly mark: string
  readonly topic: string
  readonly queueId: number
}

/** The queues a POP looks into: those of the topic from the `turn`-th on, then the group's retry topic, or that one first. */
export function popPlaces(
  { topics }: Pick<Services, 'topics'>,
  pop: Pick<Pop, 'group' | 'topic' | 'queueId'>,
  turn: number,
): readonly PopPlace[] {
  const count = topics.get(pop.topic)?.config.readQueueNums ?? 0
  const ids = Array.from({ length: count }, (_, index) => (turn + index) % count)
  const places = ids
    .filter((queueId) => pop.queueId < 0 || queueId === pop.queueId)
    .map((queueId) => ({ mark: '0', topic: pop.topic, queueId }))
  const retry = { mark: '1', topic: popRetryTopic(pop.group, pop.topic), queueId: 0 }
  // One pop in five looks at the retried messages first, so that none of both starves (`POP_FROM_RETRY`).
  return turn % 5 === 0 ? [retry, ...places] : [...places, retry]
}

/**
 * Takes messages out of the first queues that have some, and moves the group's offsets past them, at once: until
 * `writes` are on disk nobody may be told (`PopMessageProcessor.java`).
 */
export function popQueues(services: Services, pop: Pop, places: readonly PopPlace[]): PopResult {
  const queues: PoppedQueue[] = []
  const writes: Write[] = []
  let room = pop.maxMessages
  let rest = 0
  for (const place of places) {
    const { next, max, messages } = take(services, pop, place, room)
    rest += max - next
    if (messages.length === 0) continue
    room -= messages.length
    queues.push(poppedQueue(services, pop, place, messages))
    writes.push(...messages.map((message) => services.popped.put(rowOf(pop, place, message))))
  }
  return { queues, rest, writes }
}

function take(
  services: Services,
  pop: Pop,
  place: PopPlace,
  room: number,
): { readonly next: number; readonly max: number; readonly messages: readonly MessageExt[] } {
  const { offsets, messages, traffic } = services
  const { topic, queueId } = place
  const start = startOf(services, pop, place)
  const { max } = messages.bounds(topic, queueId)
  if (room === 0 || start >= max) return { next: Math.min(start, max), max, messages: [] }
  const read = readFrom(services, pop, place, { start, room })
  offsets.commit(pop.group, topic, queueId, read.nextBeginOffset)
  offsets.pulledTo(pop.group, topic, queueId, read.nextBeginOffset)
  traffic.pulled(pop.group, topic, read.records.length)
  return { next: read.nextBeginOffset, max, messages: read.records.map((record) => new MessageExt(record, 0)) }
}

function startOf({ offsets, messages }: Services, { group, fromMin }: Pop, place: PopPlace): number {
  const { mark, topic, queueId } = place
  // Whatever offset a reset asks for is taken up here, as by a pull.
  const known = offsets.takeReset(group, topic, queueId) ?? offsets.get(group, topic, queueId)?.offset
  if (known !== undefined) return known
  const { min, max } = messages.bounds(topic, queueId)
  // A young queue begins with its first message in any case (`PopMessageProcessor#getInitOffset`).
  return fromMin || mark === '1' || min === 0 ? min : max - 1
}

/** Goes on at the first message when what was to come next is gone. */
function readFrom(
  { reader }: Services,
  { wanted }: Pop,
  { topic, queueId }: PopPlace,
  { start, room }: { readonly start: number; readonly room: number },
): ReadResult {
  const read = reader.read({ topic, queueId, offset: start, maxMessages: room, ...wanted })
  if (read.status !== 'OFFSET_TOO_SMALL') return read
  return reader.read({ topic, queueId, offset: read.nextBeginOffset, maxMessages: room, ...wanted })
}

function rowOf(pop: Pop, { topic, queueId }: PopPlace, message: MessageExt): Parameters<Services['popped']['put']>[0] {
  return {
    visibleAtMs: pop.popTimeMs + pop.invisibleMs,
    group: pop.group,
    topic,
    queueId,
    queueOffset: message.queueOffset,
    popTimeMs: pop.popTimeMs,
    position: Number(message.commitLogOffset),
  }
}

function poppedQueue(services: Services, pop: Pop, place: PopPlace, messages: readonly MessageExt[]): PoppedQueue {
  const offsets = messages.map(({ queueOffset }) => queueOffset)
  const start = offsets[0] ?? 0
  const records = messages.map((message) =>
    place.mark === '0' ? message.record : underOriginalName(services, pop, { place, start, message }),
  )
  return { mark: place.mark, queueId: place.queueId, offsets, records }
}

/** A retried message as consumers get it: named as the topic it was sent to, with its handle inside. */
function underOriginalName(
  { identity }: Services,
  pop: Pop,
  { place, start, message }: { readonly place: PopPlace; readonly start: number; readonly message: MessageExt },
): Buffer {
  const handle = formatPopHandle({
    startOffset: start,
    popTime: pop.popTimeMs,
    invisibleTime: pop.invisibleMs,
    reviveQueueId: REVIVE_QUEUE,
    retry: place.mark,
    brokerName: identity().brokerName,
    queueId: place.queueId,
    queueOffset: message.queueOffset,
  })
  const properties = new Map(message.properties).set(PropertyName.POP_CK, handle)
  return encodeStoredMessage({
    topic: pop.topic,
    queueId: message.queueId,
    flag: message.flag,
    queueOffset: message.queueOffset,
    physicalOffset: message.commitLogOffset,
    sysFlag: message.sysFlag,
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    storeTimestamp: message.storeTimestamp,
    storeHost: message.storeHost,
    reconsumeTimes: message.reconsumeTimes,
    preparedTransactionOffset: message.preparedTransactionOffset,
    body: message.storedBody,
    properties: encodeProperties(properties),
  })
}
