import { type GroupConfig, ResponseCode, retryTopic } from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'
import { defaultGroup, type GroupTable } from './store/group-table.ts'
import type { TopicTable } from './store/topic-table.ts'
import { topicConfig } from './topic-rules.ts'

/** Groups every broker knows (`SubscriptionGroupManager#init`). */
export const ownGroups: readonly string[] = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
  'CID_RMQ_SYS_TRANS',
]

const MAX_GROUP_CHARACTERS = 120

/** Throws INVALID_PARAMETER for a name no group can have. */
export function requireGroupName(group: string): void {
  if (group.length <= MAX_GROUP_CHARACTERS && /^[%|a-zA-Z0-9_-]+$/.test(group)) return
  throw new ResponseFailure(
    ResponseCode.INVALID_PARAMETER,
    `the group name has ${group.length} characters; 1 to ${MAX_GROUP_CHARACTERS} letters, digits, _ - % | are allowed`,
  )
}

/** The group, made with default settings if it is new, as brokers do by default (`autoCreateSubscriptionGroup`). */
export function requireGroup(groups: GroupTable, name: string): GroupConfig {
  const known = groups.get(name)
  if (known) return known
  requireGroupName(name)
  const made = defaultGroup(name)
  groups.put(made)
  return made
}

/** Throws SUBSCRIPTION_GROUP_NOT_EXIST: what changes a group's offsets does not make the group. */
export function requireKnownGroup(groups: GroupTable, name: string): void {
  if (groups.get(name) !== undefined) return
  throw new ResponseFailure(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${name} does not exist`)
}

/** Makes the topic of a group's retried messages if it is not there. */
export function ensureRetryTopic(topics: TopicTable, group: GroupConfig): void {
  const topic = retryTopic(group.groupName)
  if (topics.get(topic) === undefined) topics.put(topicConfig(topic, Math.max(1, group.retryQueueNums)))
}

/** Whether members of a group are told when others come and go. */
export function notifies(group: GroupConfig | undefined): boolean {
  return group?.notifyConsumerIdsChangedEnable ?? true
}
