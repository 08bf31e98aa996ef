import { createHash } from 'node:crypto'
import { type ClientInstance, createClient as newClient } from '../core/client/index.ts'
import { UsageError } from '../core/errors.ts'
import type { CommandContext } from './command-context.ts'
import {
  type ConnectionFlagValues,
  type ConnectionSettings,
  connectionSettings,
  type ResolvedContext,
  wantsSecretCommand,
} from './connection-settings.ts'
import { type ChosenContext, chooseContext } from './contexts/chosen-context.ts'
import { readContexts } from './contexts/context-file.ts'
import { askSystem } from './contexts/same-server.ts'
import { type WriteGuard, writeGuard } from './contexts/write-guard.ts'
import { dataDirectory } from './data-directory.ts'
import { type UsableBroker, useEmbeddedBroker } from './embedded.ts'
import type { RequestTally } from './request-tally.ts'

/** The cluster a command works with. Close it at the end, whatever happens. */
export interface Connection {
  readonly client: ClientInstance
  readonly nameServers: readonly string[]
  /** What the user's contexts say about changing this cluster. */
  guard(): Promise<WriteGuard>
  /** A topic or group as the cluster calls it. */
  wireName(name: string): string
  /** A topic or group of the cluster as the user calls it. */
  userName(name: string): string
  /** Whether a topic or group of the cluster is the user's: all are, unless there is a namespace. */
  owns(name: string): boolean
  /** Tells clusters apart in the files of this host. */
  readonly clusterKey: string
  /** Another client, with connections of its own; its id is new, or made of a name that stays. */
  createClient(instance?: string): ClientInstance
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
 * Builds what a command needs to work with a cluster: the one named by flag, environment or context, else the embedded broker.
 * Rejects with UsageError for flags that contradict each other; no name server is asked yet.
 */
export async function connect(
  context: CommandContext,
  flags: ConnectionFlagValues,
  identity: ClientIdentity = {},
): Promise<Connection> {
  const known = readContexts(context.env)
  const chosen = chooseContext(flags, context.env, known)
  const settings = connectionSettings(flags, context.env, chosen && (await withSecret(chosen, flags, context)))
  const embedded = settings.nameServers === undefined ? await embeddedBroker(context, settings) : undefined
  const nameServers = settings.nameServers ?? (embedded === undefined ? [] : [embedded.address])
  const tally = context.debug ? new (await import('./request-tally.ts')).RequestTally() : undefined
  const clients: ClientInstance[] = []
  const createClient = (instance?: string): ClientInstance => {
    const client = buildClient(context, { ...settings, nameServers }, { ...identity, instance, tally })
    clients.push(client)
    return client
  }
  const client = createClient()
  const hasNamespace = client.wireName('x') !== 'x'
  return {
    client,
    nameServers,
    guard: () => writeGuard(chosen, known.contexts, nameServers, askSystem(context.clock)),
    clusterKey: settings.nameServers === undefined ? embeddedKey(context) : clusterKey(nameServers),
    wireName: (name) => client.wireName(name),
    userName: (name) => client.userName(name),
    owns: (name) => !hasNamespace || client.userName(name) !== name,
    createClient,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await embedded?.close()
      for (const line of tally?.lines() ?? []) context.say(line)
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

async function withSecret(
  chosen: ChosenContext,
  flags: ConnectionFlagValues,
  { env }: CommandContext,
): Promise<ResolvedContext> {
  const command = chosen.context['secret-command']
  if (command === undefined || !wantsSecretCommand(flags, env, chosen)) return chosen
  // Loaded only here: it starts processes.
  const { secretByCommand } = await import('./contexts/secret-command.ts')
  return { ...chosen, secretKey: secretByCommand(chosen.name, command) }
}

function embeddedBroker(context: CommandContext, settings: ConnectionSettings): Promise<UsableBroker> {
  if (settings.tls !== undefined) {
    throw new UsageError('the embedded broker does not speak TLS', {
      suggestions: ['name a name server: -n host:port'],
    })
  }
  return useEmbeddedBroker(context)
}

/** Folders are named so: what a name server is called by, in one order. */
function clusterKey(nameServers: readonly string[]): string {
  return [...nameServers]
    .sort()
    .join(',')
    .replaceAll(/[:/\\]/g, '_')
}

/** The embedded broker may listen on any port; its data make it what it is. */
function embeddedKey(context: CommandContext): string {
  return `embedded-${createHash('sha256').update(dataDirectory(context.env)).digest('hex').slice(0, 8)}`
}

function buildClient(
  context: CommandContext,
  settings: ConnectionSettings,
  {
    unit,
    instance,
    tally,
  }: ClientIdentity & {
    readonly instance: string | undefined
    readonly tally: RequestTally | undefined
  },
): ClientInstance {
  const { clock, logger, deadline } = context
  return newClient({
    nameServers: settings.nameServers ?? [],
    connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, deadline.remainingMs() ?? CONNECT_TIMEOUT_MS),
    tls: settings.tls,
    addressMap: settings.addressMap,
    unit,
    instance,
    clock,
    logger,
    credentials: settings.credentials,
    namespace: settings.namespace,
    expectedBrokers: settings.expectedBrokers,
    remainingMs: () => deadline.remainingMs(),
    onExchange: (exchange) => {
      const { operation, address, millis, failed } = exchange
      tally?.add(exchange)
      logger.debug(`${operation} at ${address}: ${failed ? 'failed' : 'answered'} after ${millis.toFixed(1)} ms`)
    },
  })
}
