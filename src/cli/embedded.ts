import { ConnectionError, ListenError, RocketMQError, StorageError } from '../core/errors.ts'
import { EMBEDDED_BROKER_MARK } from '../core/protocol/index.ts'
import { RemotingClient, splitAddress, tcpConnect } from '../core/remoting/index.ts'
import type { CommandContext } from './command-context.ts'
import { dataDirectory } from './data-directory.ts'

/** Where the embedded broker listens unless told otherwise. */
export const EMBEDDED_HOST = '127.0.0.1'
export const EMBEDDED_PORT = 9876

/** An embedded broker a command may use. */
export interface UsableBroker {
  readonly address: string
  /** Ends it, if it runs in this process. */
  close(): Promise<void>
}

type Found = 'ours' | 'foreign' | 'nobody'

/** How often another command that is just starting or ending the broker is waited for, and how long each time. */
const ATTEMPTS = 20
const RETRY_MS = 150

/**
 * The embedded broker of this user: the one on 127.0.0.1:9876 if it is ours, else one started in this process. Says on
 * stderr which. Another command may be about to start or end one: that is waited for, 3 s at most.
 */
export async function useEmbeddedBroker(context: CommandContext): Promise<UsableBroker> {
  for (let left = ATTEMPTS; ; left--) {
    const found = await whoListens(context, `${EMBEDDED_HOST}:${EMBEDDED_PORT}`)
    if (found === 'ours') {
      context.say(`using the embedded broker at ${EMBEDDED_HOST}:${EMBEDDED_PORT}`)
      return { address: `${EMBEDDED_HOST}:${EMBEDDED_PORT}`, close: () => Promise.resolve() }
    }
    try {
      return await startHere(context, found === 'nobody' ? EMBEDDED_PORT : 0)
    } catch (error) {
      const contended = error instanceof ListenError || error instanceof StorageError
      if (!contended || left === 0 || found === 'foreign') throw error
      await context.clock.sleep(RETRY_MS, { signal: context.signal })
    }
  }
}

async function startHere(context: CommandContext, port: number): Promise<UsableBroker> {
  const dataDir = dataDirectory(context.env)
  // Loaded only here: most commands speak to a cluster.
  const { EmbeddedBroker } = await import('../core/broker/index.ts')
  const broker = await EmbeddedBroker.start({
    host: EMBEDDED_HOST,
    port,
    store: { kind: 'lmdb', dataDir },
    clock: context.clock,
    logger: context.logger,
  })
  const foreign = port === 0 ? `; what listens on port ${EMBEDDED_PORT} is not ours (-n would use it)` : ''
  context.say(`using an embedded broker in this process at ${broker.address}, data in ${dataDir}${foreign}`)
  return { address: broker.address, close: () => broker.close() }
}

/**
 * Tells whether an embedded broker of ours listens at an address. It is asked as a name server first: a real one is never
 * asked what only a broker answers, and nothing is written anywhere.
 */
async function whoListens(context: CommandContext, address: string): Promise<Found> {
  const { clock, signal } = context
  const remoting = new RemotingClient({ connect: tcpConnect({ connectTimeoutMs: 1000 }), clock })
  const wait = { timeoutMs: 1000, signal }
  try {
    const { body: cluster } = await remoting.invoke(address, 'getBrokerClusterInfo', {}, wait)
    const told = [...cluster.brokerAddrTable.values()].flatMap((broker) => [...broker.brokerAddrs.values()])
    if (!told.some((other) => samePort(other, address))) return 'foreign'
    const { body: info } = await remoting.invoke(address, 'getBrokerRuntimeInfo', {}, wait)
    return info.table.get(EMBEDDED_BROKER_MARK.key) === EMBEDDED_BROKER_MARK.value ? 'ours' : 'foreign'
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    return error instanceof ConnectionError && wasRefused(error) ? 'nobody' : 'foreign'
  } finally {
    remoting.close()
  }
}

function samePort(a: string, b: string): boolean {
  return splitAddress(a)?.port === splitAddress(b)?.port
}

function wasRefused(error: ConnectionError): boolean {
  const { cause } = error
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}
