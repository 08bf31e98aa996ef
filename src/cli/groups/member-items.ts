import type { DetailedMember } from '../../core/admin/index.ts'
import { type ConsumerRunningInfo, type SubscriptionData, versionName } from '../../core/protocol/index.ts'
import type { Column } from '../output/list.ts'

/** What a member wants of a topic. */
export interface SubscriptionItem {
  readonly topic: string
  readonly expression: string
  /** `TAG` or `SQL92`. */
  readonly type: string
}

/** A member as `groups show` tells it. */
export interface MemberItem {
  readonly clientId: string
  /** One of {@link addresses}. */
  readonly address: string
  readonly addresses: readonly string[]
  readonly language: string | null
  readonly version: string
  /** Brokers that know it. */
  readonly brokers: readonly string[]
  /** `null`: it does not tell. */
  readonly subscriptions: readonly SubscriptionItem[] | null
}

type UserName = (name: string) => string

/** A member for people and programs. */
export function memberItem(member: DetailedMember, userName: UserName): MemberItem {
  const { clientId, addresses, language, version, brokers, info } = member
  return {
    clientId,
    address: addresses[0] ?? '',
    addresses,
    language: language ?? null,
    version: versionName(version),
    brokers,
    subscriptions: info === undefined ? null : info.subscriptionSet.map((one) => subscriptionItem(one, userName)),
  }
}

function subscriptionItem(data: SubscriptionData, userName: UserName): SubscriptionItem {
  return { topic: userName(data.topic), expression: data.subString, type: data.expressionType }
}

/** The columns of a table of members. */
export const memberColumns: readonly Column<MemberItem>[] = [
  { head: 'CLIENT', value: ({ clientId }) => clientId },
  { head: 'ADDRESS', value: ({ addresses }) => addresses.join(' ') },
  { head: 'LANGUAGE', value: ({ language }) => language ?? undefined },
  { head: 'VERSION', value: ({ version }) => version },
  { head: 'BROKERS', value: ({ brokers }) => brokers.join(' '), wide: true },
  { head: 'SUBSCRIPTIONS', value: ({ subscriptions }) => subscriptions?.map(subscriptionText).join(' ') },
]

function subscriptionText({ topic, expression, type }: SubscriptionItem): string {
  return type === 'TAG' ? `${topic}:${expression.replaceAll(/\s+/g, '')}` : `${topic}:${type}(${expression})`
}

/** A queue as a member has it. */
export interface RunningQueueItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly position: number | null
  /** Pulled, or popped, and not finished. */
  readonly cached: number
  readonly cachedMin: number | null
  readonly cachedMax: number | null
  readonly locked: boolean | null
  /** Given up, and not let go of yet. */
  readonly dropped: boolean
  readonly lastPull: string | null
  readonly lastConsume: string | null
}

/** How a member stands, as it tells (307). */
export interface RunningItem {
  readonly queues: readonly RunningQueueItem[]
  /** Its settings; what may be a secret is not told. */
  readonly properties: Readonly<Record<string, string>>
  readonly status: readonly { readonly topic: string; readonly [figure: string]: unknown }[]
  readonly stack: string | null
}

/** What a member tells, for people and programs. */
export function runningItem(info: ConsumerRunningInfo, userName: UserName): RunningItem {
  const orderly = info.properties.get('PROP_CONSUMEORDERLY') === 'true'
  const pulled = info.mqTable.map(([queue, held]): RunningQueueItem => {
    const any = held.cachedMsgCount > 0
    return {
      topic: userName(queue.topic),
      broker: queue.brokerName,
      queue: queue.queueId,
      position: held.commitOffset,
      cached: held.cachedMsgCount + held.transactionMsgCount,
      cachedMin: any ? held.cachedMsgMinOffset : null,
      cachedMax: any ? held.cachedMsgMaxOffset : null,
      locked: orderly ? held.locked : null,
      dropped: held.droped,
      lastPull: timeText(held.lastPullTimestamp),
      lastConsume: timeText(held.lastConsumeTimestamp),
    }
  })
  const popped = info.mqPopTable.map(
    ([queue, held]): RunningQueueItem => ({
      topic: userName(queue.topic),
      broker: queue.brokerName,
      queue: queue.queueId,
      position: null,
      cached: held.waitAckCount,
      cachedMin: null,
      cachedMax: null,
      locked: null,
      dropped: held.droped,
      lastPull: timeText(held.lastPopTimestamp),
      lastConsume: null,
    }),
  )
  return {
    queues: [...pulled, ...popped],
    properties: Object.fromEntries([...info.properties].map(([name, value]) => [name, shownValue(name, value)])),
    status: [...info.statusTable].map(([topic, figures]) => ({ ...figures, topic: userName(topic) })),
    stack: info.jstack ?? null,
  }
}

/** Java members tell every field of theirs as text, whatever is in it. */
const SECRET = /secret|password|passwd|credential|token|accesskey/i

function shownValue(name: string, value: string): string {
  return SECRET.test(name) || /secretKey/i.test(value) ? '(not shown)' : value
}

function timeText(time: number): string | null {
  return time > 0 ? new Date(time).toISOString() : null
}

/** The columns of a table of queues a member has. */
export const runningColumns: readonly Column<RunningQueueItem>[] = [
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'QUEUE', value: ({ broker, queue }) => `${broker}:${queue}` },
  { head: 'POSITION', value: ({ position }) => position ?? undefined },
  { head: 'CACHED', value: ({ cached }) => cached },
  { head: 'LOCKED', value: ({ locked }) => locked ?? undefined },
  { head: 'DROPPED', value: ({ dropped }) => (dropped ? 'dropped' : undefined) },
  { head: 'LAST-PULL', value: ({ lastPull }) => lastPull ?? undefined },
  { head: 'LAST-CONSUME', value: ({ lastConsume }) => lastConsume ?? undefined },
]
