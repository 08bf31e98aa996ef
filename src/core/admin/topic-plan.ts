import { Perm, type TopicConfig } from '../protocol/index.ts'
import type { Master } from './cluster-masters.ts'

/**
 * What a topic shall be like; what is left out stays as it is, or becomes Java's default on a broker that has no such
 * topic.
 */
export interface WantedTopic {
  readonly topic: string
  /** For reading and for writing. @default 8 */
  readonly queues?: number | undefined
  /** @default read and write */
  readonly perm?: number | undefined
  /** Whether producers keep to the same queues while a broker is down. @default false */
  readonly order?: boolean | undefined
}

/** What the plan compares of a topic. */
export interface TopicSettings {
  readonly readQueues: number
  readonly writeQueues: number
  /** Bits of {@link Perm}. */
  readonly perm: number
  readonly order: boolean
}

/** What will happen to a topic on one broker. */
export interface TopicChange {
  readonly master: Master
  readonly before: TopicSettings | undefined
  readonly after: TopicSettings
  readonly effect: 'create' | 'update' | 'same'
  /** As stored, for what must survive a change. */
  readonly config: TopicConfig | undefined
}

/** mqadmin's default. */
const DEFAULT_QUEUES = 8
const READ_AND_WRITE = Perm.READ | Perm.WRITE

/** What is to be done on a broker where the topic now has this configuration. */
export function planTopic(wanted: WantedTopic, master: Master, config: TopicConfig | undefined): TopicChange {
  const before = config && topicSettings(config)
  const after = {
    readQueues: wanted.queues ?? before?.readQueues ?? DEFAULT_QUEUES,
    writeQueues: wanted.queues ?? before?.writeQueues ?? DEFAULT_QUEUES,
    perm: wanted.perm ?? before?.perm ?? READ_AND_WRITE,
    order: wanted.order ?? before?.order ?? false,
  }
  const effect = before === undefined ? 'create' : sameSettings(before, after) ? 'same' : 'update'
  return { master, before, after, effect, config }
}

/** The settings of a stored topic. */
export function topicSettings(config: TopicConfig): TopicSettings {
  const { readQueueNums, writeQueueNums, perm, order } = config
  return { readQueues: readQueueNums, writeQueues: writeQueueNums, perm, order }
}

/** Whether two topics are alike. */
export function sameSettings(a: TopicSettings, b: TopicSettings): boolean {
  return a.readQueues === b.readQueues && a.writeQueues === b.writeQueues && a.perm === b.perm && a.order === b.order
}
