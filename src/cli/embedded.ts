import { ConnectionError, ListenError, RocketMQError, StorageError, UsageError } from '../core/errors.ts'
import { EMBEDDED_BROKER_MARK } from '../core/protocol/index.ts'
import { RemotingClient, splitAddress, tcpConnect } from '../core/remoting/index.ts'
import type { CommandContext } from './command-context.ts'
import { dataDirectory } from './data-directory.ts'

/** Where the embedded broker listens unless told otherwise. */
export const EMBEDDED_HOST = '127.0.0.1'
export const EMBEDDED_PORT = 9876

/**
 * The port the embedded broker of this user is looked for on: `MQ_BROKER_PORT`, else 9876. With 0 none is looked for,
 * and one started in this process takes any free port. Throws UsageError for what is no port.
 */
export function embeddedPort(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['MQ_BROKER_PORT'] || String(EMBEDDED_PORT)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(port) || port > 65_535)
    throw new UsageError(`MQ_BROKER_PORT is '${text}'; it must be a port, 0 to 65535`)
  return port
}

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
 * The embedded broker of this user: the one on its port if it is ours, else one started in this process. Says on stderr
 * which. Another command may be about to start or end one: that is waited for, 3 s at most.
 */
export async function useEmbeddedBroker(context: CommandContext): Promise<UsableBroker> {
  const port = embeddedPort(context.env)
  const address = `${EMBEDDED_HOST}:${port}`
  for (let left = ATTEMPTS; ; left--) {
    const found = port === 0 ? 'nobody' : await whoListens(context, address)
    if (found === 'ours') {
      context.say(`using the embedded broker at ${address}`)
      return { address, close: () => Promise.resolve() }
    }
    try {
      return await startHere(context, { port, foreign: found === 'foreign' })
    } catch (error) {
      const contended = error instanceof ListenError || error instanceof StorageError
      if (!contended || left === 0 || found === 'foreign') throw error
      await context.clock.sleep(RETRY_MS, { signal: context.signal })
    }
  }
}

async function startHere(
  context: CommandContext,
  { port, foreign }: { readonly port: number; readonly foreign: boolean },
): Promise<UsableBroker> {
  const dataDir = dataDirectory(context.env)
  // Loaded only here: most commands speak to a cluster.
  const { EmbeddedBroker } = await import('../core/broker/index.ts')
  const broker = await EmbeddedBroker.start({
    host: EMBEDDED_HOST,
    port: foreign ? 0 : port,
    store: { kind: 'lmdb', dataDir },
    clock: context.clock,
    logger: context.logger,
  })
  const note = foreign ? `; what listens on port ${port} is not ours (-n ${EMBEDDED_HOST}:${port} would use it)` : ''
  context.say(`using an embedded broker in this process at ${broker.address}, data in ${dataDir}${note}`)
  return { address: broker.address, close: () => broker.close() }
}

/** Whether the embedded broker of this user listens at an address; see {@link whoListens}. */
export async function findsOurs(context: Pick<CommandContext, 'clock' | 'signal'>, address: string): Promise<boolean> {
  return (await whoListens(context, address)) === 'ours'
}

/**
 * Tells whether an embedded broker of ours listens at an address. It is asked as a name server first: a real one is
 * never asked what only a broker answers, and nothing is written anywhere.
 */
async function whoListens(context: Pick<CommandContext, 'clock' | 'signal'>, address: string): Promise<Found> {
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
