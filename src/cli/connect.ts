import { type ClientInstance, createClient } from '../core/client/index.ts'
import { UsageError } from '../core/errors.ts'
import type { CommandContext } from './command-context.ts'
import { type ConnectionFlagValues, type ConnectionSettings, connectionSettings } from './connection-settings.ts'
import { type UsableBroker, useEmbeddedBroker } from './embedded.ts'

/** The cluster a command works with. Close it at the end, whatever happens. */
export interface Connection {
  readonly client: ClientInstance
  readonly nameServers: readonly string[]
  /** A topic or group as the cluster calls it. */
  wireName(name: string): string
  /** A topic or group of the cluster as the user calls it. */
  userName(name: string): string
  /** Whether a topic or group of the cluster is the user's: all are, unless there is a namespace. */
  owns(name: string): boolean
  /** Another client, with an id and connections of its own. */
  createClient(): ClientInstance
  /** Closes all clients, then the broker if it runs in this process. */
  close(): Promise<void>
}

/** What others are told of the clients. */
export interface ClientIdentity {
  /** The last part of their ids (Java's `unitName`). */
  readonly unit?: string | undefined
}

/** Time to connect, in ms, when the command as a whole has more. */
const CONNECT_TIMEOUT_MS = 3000

/**
 * Builds what a command needs to work with a cluster: the one named by flag or environment, else the embedded broker.
 * Rejects with UsageError for flags that contradict each other; no name server is asked yet.
 */
export async function connect(
  context: CommandContext,
  flags: ConnectionFlagValues,
  identity: ClientIdentity = {},
): Promise<Connection> {
  const settings = connectionSettings(flags, context.env)
  const embedded = settings.nameServers === undefined ? await embeddedBroker(context, settings) : undefined
  const nameServers = settings.nameServers ?? (embedded === undefined ? [] : [embedded.address])
  const clients: ClientInstance[] = []
  const createClient = (): ClientInstance => {
    const client = buildClient(context, { ...settings, nameServers }, identity)
    clients.push(client)
    return client
  }
  const client = createClient()
  const hasNamespace = client.wireName('x') !== 'x'
  return {
    client,
    nameServers,
    wireName: (name) => client.wireName(name),
    userName: (name) => client.userName(name),
    owns: (name) => !hasNamespace || client.userName(name) !== name,
    createClient,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await embedded?.close()
    },
  }
}

/** Works with a cluster and closes it again, also when the work fails. */
export async function withConnection<T>(
  context: CommandContext,
  flags: ConnectionFlagValues,
  work: (connection: Connection) => Promise<T>,
  identity?: ClientIdentity,
): Promise<T> {
  const connection = await connect(context, flags, identity)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

function embeddedBroker(context: CommandContext, settings: ConnectionSettings): Promise<UsableBroker> {
  if (settings.tls !== undefined) {
    throw new UsageError('the embedded broker does not speak TLS', {
      suggestions: ['name a name server: -n host:port'],
    })
  }
  return useEmbeddedBroker(context)
}

function buildClient(context: CommandContext, settings: ConnectionSettings, { unit }: ClientIdentity): ClientInstance {
  const { clock, logger, deadline } = context
  return createClient({
    nameServers: settings.nameServers ?? [],
    connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, deadline.remainingMs() ?? CONNECT_TIMEOUT_MS),
    tls: settings.tls,
    addressMap: settings.addressMap,
    unit,
    clock,
    logger,
    credentials: settings.credentials,
    namespace: settings.namespace,
    remainingMs: () => deadline.remainingMs(),
    onExchange: ({ operation, address, millis, failed }) => {
      logger.debug(`${operation} at ${address}: ${failed ? 'failed' : 'answered'} after ${millis.toFixed(1)} ms`)
    },
  })
}
