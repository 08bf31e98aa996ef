import { type FoundTopic, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'

/**
 * Makes sure that some broker has a topic. Rejects with NotFoundError when all say they do not, with what went wrong when
 * one that may have it did not answer.
 */
export async function requireTopic(
  topic: string,
  found: FoundTopic,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<void> {
  if (found.having.length > 0) return
  const [error] = found.errors
  if (error !== undefined) throw error.error
  const missing = new NotFoundError('topic', topic, `no such topic: ${connection.userName(topic)}`)
  throw await withTopicSuggestion(missing, new TopicAdmin(connection.client, invokeOptions(context)), connection)
}
