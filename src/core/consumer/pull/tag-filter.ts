import type { MessageExt, SubscriptionData } from '../../protocol/index.ts'

/**
 * The messages a tag subscription really wants: brokers compare hashes only (`PullAPIWrapper#processPullResult`). A message without a
 * tag never passes a list of tags.
 */
export function filterByTags(messages: MessageExt[], subscription: SubscriptionData): MessageExt[] {
  if (subscription.tagsSet.length === 0 || subscription.expressionType !== 'TAG') return messages
  const tags = new Set(subscription.tagsSet)
  return messages.filter((message) => message.tags !== undefined && tags.has(message.tags))
}
