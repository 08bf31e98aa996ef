import type { TopicAdmin } from '../core/admin/index.ts'
import { NotFoundError, RocketMQError } from '../core/errors.ts'
import type { Connection } from './connect.ts'
import { didYouMean } from './suggest.ts'

/** Puts "did you mean" before the suggestions of an error about a topic that does not exist; gives any other error back as it is. */
export async function withTopicSuggestion(
  error: unknown,
  admin: Pick<TopicAdmin, 'names'>,
  connection: Pick<Connection, 'userName'>,
): Promise<unknown> {
  if (!(error instanceof NotFoundError) || error.kind !== 'topic') return error
  try {
    const names = (await admin.names()).map((name) => connection.userName(name))
    const similar = didYouMean(connection.userName(error.subject), names)
    return new NotFoundError('topic', error.subject, error.message, {
      cause: error,
      suggestions: [...similar, ...error.suggestions],
    })
  } catch (cause) {
    // What went wrong is the topic; that its neighbours cannot be listed either is not worth another word.
    if (cause instanceof RocketMQError) return error
    throw cause
  }
}
