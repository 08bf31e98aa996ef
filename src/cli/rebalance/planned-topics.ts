import type { GroupAllocation, GroupSurvey, SharedTopic } from '../../core/admin/index.ts'
import { DLQ_PREFIX, type MessageQueue } from '../../core/protocol/index.ts'

/**
 * What the members of a group would share: the topics they consume. Where nobody is online to tell, and no topic was asked for, those
 * the group has committed offsets of.
 */
export function plannedTopics(
  survey: Pick<GroupAllocation, 'topics'>,
  standing: Pick<GroupSurvey, 'queues'>,
): readonly SharedTopic[] {
  if (survey.topics.length > 0) return survey.topics
  const topics = new Map<string, MessageQueue[]>()
  const consumed = standing.queues.filter(({ queue }) => !queue.topic.startsWith(DLQ_PREFIX))
  for (const { queue } of consumed) topics.set(queue.topic, [...(topics.get(queue.topic) ?? []), queue])
  return [...topics].map(([topic, queues]) => ({ topic, queues }))
}
