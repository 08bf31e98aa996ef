import path from 'node:path'
import type { ClientInstance } from '../../core/client/index.ts'
import type { PushConsumerParts } from '../../core/consumer/index.ts'
import { RocketMQError } from '../../core/errors.ts'
import { stateDirectory } from '../state-directory.ts'
import type { ConsumeRun } from './consume-run.ts'

/** What Java calls an instance that was given no name. */
const DEFAULT_INSTANCE = 'DEFAULT'

/** What makes a consumer a broadcasting one. */
interface Broadcasting {
  readonly client: ClientInstance
  readonly parts: Pick<PushConsumerParts, 'messageModel' | 'offsetsDirectory'>
}

/**
 * Prepares `--broadcast`: a client whose id stays the same, since offsets are found by it, and a folder for them that no
 * other cluster has. Says where that is, and when a live member has the id already.
 */
export async function broadcasting(run: ConsumeRun): Promise<Broadcasting> {
  const { context, connection, settings } = run
  const client = connection.createClient(settings.flags.instance ?? DEFAULT_INSTANCE)
  const offsetsDirectory = path.join(stateDirectory(context.env), 'broadcast', connection.clusterKey)
  context.say(`broadcasting as ${client.clientId}, offsets are kept in ${offsetsDirectory}`)
  if (await hasTwin(run, client.clientId)) {
    context.say(
      `another member of ${settings.flags.group ?? ''} is ${client.clientId} as well: if it keeps its offsets there too, ` +
        'give one of them a name of its own (--instance NAME), or each overwrites those of the other',
    )
  }
  return { client, parts: { messageModel: 'BROADCASTING', offsetsDirectory } }
}

/** Whether a broker of the topic lists a member of this id before we are one. One that does not answer is no twin. */
async function hasTwin({ connection, route, settings, context }: ConsumeRun, clientId: string): Promise<boolean> {
  const { remoting, routes } = connection.client
  const request = { consumerGroup: connection.wireName(settings.flags.group ?? '') }
  const listed = await Promise.all(
    routes.addressesFor(route.topic).map(async (address) => {
      try {
        const { body } = await remoting.invoke(address, 'getConsumerListByGroup', request, { signal: context.signal })
        return body.consumerIdList
      } catch (error) {
        // Nobody being online is an error on the wire.
        if (error instanceof RocketMQError) return []
        throw error
      }
    }),
  )
  return listed.flat().includes(clientId)
}
