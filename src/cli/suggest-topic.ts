import type { TopicAdmin } from '../core/admin/index.ts'
import { NotFoundError, RocketMQError } from '../core/errors.ts'
import type { Connection } from './connect.ts'
import { didYouMean } from './suggest.ts'

type Names = Pick<TopicAdmin, 'names'>
type UserNames = Pick<Connection, 'userName'>

/** "Did you mean" for a topic, as a list that is empty when none is near or the cluster does not tell its topics. */
export async function similarTopics(topic: string, admin: Names, connection: UserNames): Promise<string[]> {
  try {
    const names = (await admin.names()).map((name) => connection.userName(name))
    return didYouMean(connection.userName(topic), names)
  } catch (error) {
    // What went wrong is the topic; that its neighbours cannot be listed either is not worth another word.
    if (error instanceof RocketMQError) return []
    throw error
  }
}

/**
 * Puts "did you mean" before the suggestions of an error about a topic that does not exist; gives any other error back
 * as it is.
 */
export async function withTopicSuggestion(error: unknown, admin: Names, connection: UserNames): Promise<unknown> {
  if (!(error instanceof NotFoundError) || error.kind !== 'topic') return error
  const suggestions = [...(await similarTopics(error.subject, admin, connection)), ...error.suggestions]
  return new NotFoundError('topic', error.subject, error.message, { cause: error, suggestions })
}
