import type { DoctorQuestion } from '../../src/core/admin/doctor/diagnosis.ts'
import type { Diagnosis, Look } from '../../src/core/admin/index.ts'
import { type QueueProgress, queueState } from '../../src/core/admin/offsets/queue-progress.ts'
import {
  type ConsumerRunningInfo,
  type ConsumeStatus,
  compareQueues,
  type MessageExt,
  type MessageQueue,
  type ProcessQueueInfo,
  queueKey,
} from '../../src/core/protocol/index.ts'
import { plantedInfo } from './planted-members.ts'

/** When groups under test are looked at, in ms since the epoch. */
export const NOW = 1_800_000_000_000

/** A queue of topic orders at broker-a, unless told otherwise. */
export const queue = (queueId: number, topic = 'orders', brokerName = 'broker-a'): MessageQueue => {
  return { topic, brokerName, queueId }
}

/** What a member says of a queue; times are before {@link NOW}, in ms. */
export interface SaidQueue extends Partial<ProcessQueueInfo> {
  readonly queue: MessageQueue
  readonly pulledAgo?: number
  readonly consumedAgo?: number
  readonly lockedAgo?: number
}

/** A member of a group under test. */
export interface SaidMember {
  readonly holds?: readonly SaidQueue[]
  readonly pops?: readonly MessageQueue[]
  readonly subscriptions?: Readonly<Record<string, string>>
  readonly properties?: Readonly<Record<string, string>>
  /** Figures by topic. */
  readonly status?: Readonly<Record<string, Partial<ConsumeStatus>>>
  readonly language?: string
  readonly version?: number
  readonly silent?: 'unable' | 'unanswered'
  readonly addresses?: readonly string[]
}

/** A queue as brokers tell it. */
export interface SaidProgress {
  readonly queue: MessageQueue
  readonly min?: number
  readonly max?: number
  readonly committed?: number | undefined
  readonly unreadAgeMs?: number
}

/** A group under test: what is not told is as in a healthy group. */
export interface SaidGroup {
  readonly at?: number
  readonly members?: Readonly<Record<string, SaidMember>>
  readonly queues?: readonly SaidProgress[]
  readonly heads?: readonly { readonly queue: MessageQueue; readonly offset: number; readonly storedAgo: number }[]
  readonly deadLetters?: number
  readonly messageModel?: string
  readonly more?: Partial<Look>
}

/** What Java members say of themselves, as far as it is asked for. */
const javaProperties = {
  PROP_THREADPOOL_CORE_SIZE: '20',
  PROP_CONSUMER_START_TIMESTAMP: String(NOW - 3_600_000),
  PROP_CONSUMEORDERLY: 'false',
  consumeMessageBatchMaxSize: '1',
  pullThresholdForQueue: '1000',
  pullThresholdSizeForQueue: '100',
  consumeConcurrentlyMaxSpan: '2000',
}

/** What there is to see of a group. */
export function lookOf(said: SaidGroup): Look {
  const { at = NOW, members: told = {}, queues: progress = [], heads = [], deadLetters = 0, more = {} } = said
  const members = Object.entries(told).map(([clientId, member]) => ({
    clientId,
    addresses: member.addresses ?? ['10.0.0.1:1'],
    language: member.language ?? 'JAVA',
    version: member.version ?? 513,
    info: member.silent === undefined ? infoOf(member) : undefined,
    silent: member.silent,
  }))
  const known = new Map(progress.map((one) => [queueKey(one.queue), one]))
  const all = [
    ...progress.map((one) => one.queue),
    ...members.flatMap(({ info }) => (info?.mqTable ?? []).map(([q]) => q)),
  ]
  const topics = [...new Set(all.map(({ topic }) => topic))].sort().map((topic) => ({
    topic,
    queues: [...new Map(all.filter((one) => one.topic === topic).map((one) => [queueKey(one), one])).values()].sort(
      compareQueues,
    ),
  }))
  const shared = {
    group: 'billing',
    brokers: { masters: [], clusters: ['c'], withoutMaster: [] },
    members,
    messageModel: said.messageModel ?? 'CLUSTERING',
    consumeType: 'CONSUME_PASSIVELY',
    subscribed: new Set(topics.map(({ topic }) => topic)),
    errors: [],
  }
  const clientIds = members.map(({ clientId }) => clientId)
  const connections = members.flatMap(({ clientId, addresses }) => addresses.map((address) => ({ clientId, address })))
  const brokerNames = [...new Set(all.map(({ brokerName }) => brokerName))]
  return {
    at,
    members,
    allocation: {
      ...shared,
      topics,
      byBroker: brokerNames.map((brokerName) => ({ brokerName, clientIds, connections, subscriptions: [] })),
    },
    progress: {
      ...shared,
      queues: topics.flatMap((topic) => topic.queues.map((one) => progressOf(one, known.get(queueKey(one)), members))),
      deadLetters,
    },
    rules: [],
    unreadable: new Map(),
    heads: new Map(heads.map((head) => [queueKey(head.queue), messageOf(head, at)])),
    letters:
      deadLetters === 0
        ? undefined
        : {
            group: 'billing',
            topic: '%DLQ%billing',
            queues: [],
            count: deadLetters,
            oldest: at - 9000,
            newest: at - 8000,
          },
    errors: [],
    ...more,
  }
}

function infoOf(member: SaidMember): ConsumerRunningInfo {
  const { holds = [], pops = [], status = {} } = member
  const subscriptions = member.subscriptions ?? Object.fromEntries(holds.map(({ queue: { topic } }) => [topic, '*']))
  const properties = { ...javaProperties, ...member.properties }
  const planted = plantedInfo({ holds: holds.map((held) => held.queue), subscriptions, properties })
  return {
    ...planted,
    mqTable: planted.mqTable.map(([held, idle], index) => [held, { ...idle, ...processQueueOf(holds[index]) }]),
    mqPopTable: pops.map((one) => [one, { droped: false, lastPopTimestamp: NOW, waitAckCount: 0 }]),
    statusTable: new Map(Object.entries(status).map(([topic, figures]) => [topic, { ...noFigures, ...figures }])),
  }
}

const noFigures: ConsumeStatus = {
  consumeFailedMsgs: 0,
  consumeFailedTPS: 0,
  consumeOKTPS: 0,
  consumeRT: 0,
  pullRT: 0,
  pullTPS: 0,
}

function processQueueOf(said: SaidQueue | undefined): Partial<ProcessQueueInfo> {
  const { pulledAgo = 100, consumedAgo = 100, lockedAgo = 1000, ...rest } = said ?? {}
  return {
    lastPullTimestamp: NOW - pulledAgo,
    lastConsumeTimestamp: NOW - consumedAgo,
    lastLockTimestamp: NOW - lockedAgo,
    ...rest,
  }
}

function progressOf(one: MessageQueue, said: SaidProgress | undefined, members: Look['members']): QueueProgress {
  const owners = members.flatMap(({ clientId, info }) =>
    (info?.mqTable ?? [])
      .filter(([held, { droped }]) => queueKey(held) === queueKey(one) && !droped)
      .map(([, held]) => ({
        clientId,
        position: held.commitOffset,
        cached: held.cachedMsgCount,
        consumedAt: held.lastConsumeTimestamp,
      })),
  )
  const [owner] = owners
  const committed = said !== undefined && 'committed' in said ? said.committed : (owner?.position ?? said?.max ?? 0)
  const facts = {
    queue: one,
    min: said?.min ?? 0,
    max: said?.max ?? committed ?? 0,
    committed,
    inflight: undefined,
    owners,
    unreadAgeMs: said?.unreadAgeMs,
  }
  return { ...facts, state: queueState(facts, undefined) }
}

function messageOf(head: { readonly offset: number; readonly storedAgo: number }, at: number): MessageExt {
  const message: Partial<MessageExt> = {
    msgId: `ID${head.offset}`,
    queueOffset: head.offset,
    keys: ['k1'],
    reconsumeTimes: 2,
    storeTimestamp: at - head.storedAgo,
  }
  return message as MessageExt
}

/** A question about one look, or two; every member's share is what it holds. */
export function asked(look: Look, before?: Look, more: Partial<DoctorQuestion> = {}): DoctorQuestion {
  return {
    look,
    before,
    naming: { group: 'billing', userName: (name) => name },
    stuckAfterMs: 60_000,
    nameOf: () => 'average',
    shareOf: ({ info }, { topic }) => (info?.mqTable ?? []).map(([one]) => one).filter((one) => one.topic === topic),
    ...more,
  }
}

/** Ids with subjects. */
export function named(findings: readonly Diagnosis[]): string[] {
  return findings.map(({ id, subject }) => `${id} ${subject}`)
}
