import { TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { AUTO_CREATE_TOPIC, checkTopicName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'

/**
 * Makes sure that a topic can be sent to, before any input is read: it exists, or the cluster makes it, which stderr then says. Rejects with UsageError for a bad name, NotFoundError with "did you mean", or ConnectionError.
 */
export async function checkTarget(name: string, context: CommandContext, connection: Connection): Promise<void> {
  const topic = connection.wireName(name)
  checkTopicName(topic)
  const { routes } = connection.client
  if ((await routes.get(topic, context)) !== undefined) return
  const made = (await routes.get(AUTO_CREATE_TOPIC, context)) !== undefined
  const error = new NotFoundError(
    'topic',
    topic,
    `there is no topic ${name}, and the cluster does not create topics on demand`,
    {
      suggestions: [`create it: mq topics create ${name}`],
    },
  )
  const told = await withTopicSuggestion(error, new TopicAdmin(connection.client, invokeOptions(context)), connection)
  if (!made) throw told
  const similar = told instanceof NotFoundError ? told.suggestions.find((text) => text.startsWith('did')) : undefined
  const hint = similar === undefined ? '' : ` (${similar})`
  context.say(`there is no topic ${name} yet${hint}: the cluster creates it with the first message`)
}
