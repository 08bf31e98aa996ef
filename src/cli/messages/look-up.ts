import { type FoundMessages, findAt, findById, findByKey, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { checkTopicName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import type { MessageName } from './message-name.ts'

/** Which messages. */
export interface LookUpRequest {
  readonly topic: string
  readonly name: MessageName
}

/** What the commands about messages work with. */
export interface MessageParts {
  readonly context: CommandContext
  readonly connection: Connection
}

/**
 * Finds the messages a user names. Rejects with NotFoundError when every broker says there is none: as long as one does
 * not answer, nothing found is only what is known.
 */
export async function lookUp(request: LookUpRequest, parts: MessageParts): Promise<FoundMessages> {
  const { context, connection } = parts
  try {
    return await find(request, parts)
  } catch (error) {
    throw await withTopicSuggestion(error, new TopicAdmin(connection.client, invokeOptions(context)), connection)
  }
}

async function find({ topic: called, name }: LookUpRequest, parts: MessageParts): Promise<FoundMessages> {
  const { connection, context } = parts
  const { client } = connection
  const topic = connection.wireName(called)
  checkTopicName(topic)
  const wait = invokeOptions(context)
  switch (name.by) {
    case 'place':
      return { messages: [await findAt(client, { topic, ...name }, wait)], errors: [] }
    case 'key':
      return orNothing(await findByKey(client, { topic, key: name.key }, wait), () => {
        return new NotFoundError('message', name.key, `no message of ${called} has the key ${name.key}`)
      })
    case 'id': {
      const found = await findById(client, { topic, id: name.id }, wait)
      const elsewhere = found.elsewhere === undefined ? undefined : connection.userName(found.elsewhere)
      return orNothing(found, () => {
        return new NotFoundError('message', name.id, `there is no message ${name.id} in ${called}`, {
          suggestions: [
            elsewhere === undefined
              ? 'it may have expired, or be of another topic'
              : `it is in another topic: mq messages get '${elsewhere}' ${name.id}`,
          ],
        })
      })
    }
  }
}

function orNothing<T extends FoundMessages>(found: T, missing: () => NotFoundError): T {
  if (found.messages.length === 0 && found.errors.length === 0) throw missing()
  return found
}
