import { UsageError } from '../errors.ts'

export const RETRY_PREFIX = '%RETRY%'
export const DLQ_PREFIX = '%DLQ%'

/** The template whose route a producer uses for a topic that does not exist yet. */
export const AUTO_CREATE_TOPIC = 'TBW102'

/** A predefined group that may pull without registering and leaves nothing behind (`MixAll.TOOLS_CONSUMER_GROUP`). */
export const TOOLS_GROUP = 'TOOLS_CONSUMER'

/**
 * What the embedded broker has in its runtime info (28) and no other broker has: how one found on a port is known to be ours.
 */
export const EMBEDDED_BROKER_MARK = { key: 'embeddedBroker', value: 'mq' } as const

/** Where messages of a group go that are to be consumed again. */
export function retryTopic(group: string): string {
  return RETRY_PREFIX + group
}

/** Where messages of a group go that were given up. */
export function dlqTopic(group: string): string {
  return DLQ_PREFIX + group
}

const MAX_TOPIC_CHARACTERS = 127
const MAX_INTERNAL_TOPIC_CHARACTERS = 255
const MAX_GROUP_CHARACTERS = 120

/** Throws {@link UsageError} for a name no broker accepts (`TopicValidator.java`). */
export function checkTopicName(topic: string): void {
  const internal = topic.startsWith(RETRY_PREFIX) || topic.startsWith(DLQ_PREFIX)
  checkName('topic', topic, internal ? MAX_INTERNAL_TOPIC_CHARACTERS : MAX_TOPIC_CHARACTERS)
}

/** Throws {@link UsageError} for a name no client accepts (`Validators#checkGroup`). */
export function checkGroupName(group: string): void {
  checkName('group', group, MAX_GROUP_CHARACTERS)
  if (group === 'DEFAULT_CONSUMER' || group === 'DEFAULT_PRODUCER') {
    throw new UsageError(`the group name ${group} is reserved; choose one of your own`)
  }
}

function checkName(kind: string, name: string, maxCharacters: number): void {
  if (name.trim() === '') throw new UsageError(`the ${kind} name is empty`)
  if (name.length > maxCharacters) {
    throw new UsageError(`the ${kind} name has ${name.length} characters; at most ${maxCharacters} are allowed`)
  }
  const wrong = /[^%|a-zA-Z0-9_-]/.exec(name)
  if (wrong) {
    const shown = /[\u0000-\u001f\u007f-\u009f]/.test(wrong[0]) ? 'a control character' : `'${wrong[0]}'`
    throw new UsageError(
      `the ${kind} name '${printable(name)}' contains ${shown}; allowed are letters, digits, _ - % |`,
    )
  }
}

function printable(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
}

/** Whether a topic belongs to the broker itself; never produce to one (`TopicValidator#isSystemTopic`). */
export function isSystemTopic(topic: string): boolean {
  return topic.startsWith('rmq_sys_') || systemTopics.has(topic)
}

const systemTopics: ReadonlySet<string> = new Set([
  AUTO_CREATE_TOPIC,
  'SCHEDULE_TOPIC_XXXX',
  'BenchmarkTest',
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  'RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC',
  'RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC',
  'RMQ_SYS_TRACE_TOPIC',
  'TRANS_CHECK_MAX_TIME_TOPIC',
  'SELF_TEST_TOPIC',
  'OFFSET_MOVED_EVENT',
  'CHECKPOINT_TOPIC',
])

/** Whether a group belongs to brokers or tools (`MixAll#isSysConsumerGroup`, `SubscriptionGroupManager#init`). */
export function isSystemGroup(group: string): boolean {
  return group.startsWith('CID_RMQ_SYS_') || systemGroups.has(group)
}

const systemGroups: ReadonlySet<string> = new Set([
  TOOLS_GROUP,
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  '__MONITOR_CONSUMER',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
])
