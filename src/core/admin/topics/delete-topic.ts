import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError, RocketMQError } from '../../errors.ts'
import { ResponseCode } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import { forgetOrder } from '../order-config.ts'
import { readTopicConfig } from '../topic-config.ts'

/** What became of a topic that was to be deleted at one place. */
export interface DeletedAt {
  /** A broker's name, or a name server's address. */
  readonly source: string
  readonly kind: 'broker' | 'nameServer'
  /** Whether it is known there no more. */
  readonly gone: boolean
  readonly error: RocketMQError | undefined
}

/**
 * Deletes a topic on these brokers (215), then lets all name servers forget it (216), in this order: a broker that still
 * had it would tell it again. Where one fails, the others go on; a name server is asked only when all brokers are done,
 * so that a topic that is left somewhere stays visible. Reads back what it did.
 */
export async function deleteTopic(
  client: ClientInstance,
  topic: string,
  { masters, wait }: { readonly masters: readonly Master[]; readonly wait: InvokeOptions },
): Promise<readonly DeletedAt[]> {
  const brokers = await Promise.all(
    masters.map((master) =>
      attempt(master.brokerName, 'broker', async () => {
        await client.remoting.invoke(master.address, 'deleteTopicInBroker', { topic }, wait)
        return (await readTopicConfig(client.remoting, { topic, address: master.address, ...wait })) === undefined
      }),
    ),
  )
  if (brokers.some(({ gone }) => !gone)) return brokers
  await forgetOrder(client, topic, wait)
  const nameServers = client.nameServer.addresses.map((address) =>
    attempt(address, 'nameServer', async () => {
      await client.remoting.invoke(address, 'deleteTopicInNameServer', { topic }, wait)
      return !(await isTold(client, topic, { address, wait }))
    }),
  )
  return [...brokers, ...(await Promise.all(nameServers))]
}

async function attempt(source: string, kind: DeletedAt['kind'], work: () => Promise<boolean>): Promise<DeletedAt> {
  try {
    return { source, kind, gone: await work(), error: undefined }
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    return { source, kind, gone: false, error }
  }
}

async function isTold(
  client: ClientInstance,
  topic: string,
  { address, wait }: { readonly address: string; readonly wait: InvokeOptions },
): Promise<boolean> {
  try {
    await client.remoting.invoke(address, 'getRouteInfoByTopic', { topic }, wait)
    return true
  } catch (error) {
    if (error instanceof BrokerResponseError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return false
    throw error
  }
}
