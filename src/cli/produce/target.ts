import { TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { AUTO_CREATE_TOPIC, checkTopicName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { similarTopics } from '../suggest-topic.ts'

/**
 * Makes sure that a topic can be sent to, before any input is read: it exists, or the cluster makes it, which stderr
 * then says. Rejects with UsageError for a bad name, NotFoundError with "did you mean", or ConnectionError.
 */
export async function checkTarget(name: string, context: CommandContext, connection: Connection): Promise<void> {
  const { signal } = context
  const { client } = connection
  const topic = connection.wireName(name)
  checkTopicName(topic)
  if ((await client.routes.get(topic, { signal })) !== undefined) return
  const similar = await similarTopics(topic, new TopicAdmin(client, invokeOptions(context)), connection)
  if ((await client.routes.get(AUTO_CREATE_TOPIC, { signal })) === undefined) {
    const message = `there is no topic ${name}, and the cluster does not create topics on demand`
    const suggestions = [...similar, `create it: mq topics create ${name}`]
    throw new NotFoundError('topic', topic, message, { suggestions })
  }
  const hint = similar.length === 0 ? '' : ` (${similar.join(', ')})`
  context.say(`there is no topic ${name} yet${hint}: the cluster creates it with the first message`)
}
