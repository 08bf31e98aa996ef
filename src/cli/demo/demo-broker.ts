import { EmbeddedBroker } from '../../core/broker/index.ts'
import { Perm } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import { type Connection, connect } from '../connect.ts'
import type { ConnectionFlagValues } from '../connection-settings.ts'
import { EMBEDDED_HOST } from '../embedded.ts'

/** What is produced and consumed in a demo. */
export const DEMO_TOPIC = 'orders'
export const DEMO_GROUP = 'billing'
const QUEUES = 8

/** Flags of a connection to the broker of a demo. */
export function demoFlags(namesrv: string): ConnectionFlagValues {
  return {
    namesrv,
    'access-key': undefined,
    'secret-key-file': undefined,
    tls: false,
    'tls-ca': undefined,
    'tls-cert': undefined,
    'tls-key': undefined,
    'tls-insecure': false,
    namespace: undefined,
    'broker-map': undefined,
  }
}

/** Works with a broker in this process that has a topic and keeps nothing, and ends it, also when the work fails. */
export async function withDemoBroker(
  context: CommandContext,
  work: (connection: Connection, address: string) => Promise<void>,
): Promise<void> {
  const { clock, logger } = context
  const broker = await EmbeddedBroker.start({ host: EMBEDDED_HOST, port: 0, store: { kind: 'memory' }, clock, logger })
  try {
    const connection = await connect({ ...context, env: {} }, demoFlags(broker.address))
    try {
      await createOrders(connection, broker.address)
      context.say(`a broker in this process at ${broker.address}, its data in memory`)
      await work(connection, broker.address)
    } finally {
      await connection.close()
    }
  } finally {
    await broker.close()
  }
}

async function createOrders({ client }: Connection, broker: string): Promise<void> {
  await client.remoting.invoke(broker, 'updateAndCreateTopic', {
    topic: DEMO_TOPIC,
    defaultTopic: DEMO_TOPIC,
    readQueueNums: QUEUES,
    writeQueueNums: QUEUES,
    perm: Perm.READ | Perm.WRITE,
  })
}
