import { knownGroups, TopicAdmin } from '../../core/admin/index.ts'
import { createClient } from '../../core/client/index.ts'
import { DLQ_PREFIX, isSystemGroup, isSystemTopic, RETRY_PREFIX } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import { type ConnectionFlagValues, connectionSettings, wantsSecretCommand } from '../connection-settings.ts'
import { chooseContext } from '../contexts/chosen-context.ts'
import { readContexts } from '../contexts/context-file.ts'
import { EMBEDDED_HOST, embeddedPort, findsOurs } from '../embedded.ts'

/** What of a cluster is asked for. */
export type NamesOf = 'topics' | 'groups'

/**
 * Asks the cluster a line is about for its names. Nobody is asked anything that could disturb: no broker is started, and no
 * command for a secret is run. Rejects when it is not answered in time.
 */
export async function liveNames(
  what: NamesOf,
  flags: ConnectionFlagValues,
  { context, timeoutMs }: { readonly context: CommandContext; readonly timeoutMs: number },
): Promise<readonly string[]> {
  const { clock, logger, env, signal } = context
  const chosen = chooseContext(flags, env, readContexts(env))
  if (chosen !== undefined && wantsSecretCommand(flags, env, chosen)) return []
  const settings = connectionSettings(flags, env, chosen)
  const nameServers = settings.nameServers ?? (await embeddedNow(context))
  if (nameServers.length === 0) return []
  const { credentials, tls, namespace, addressMap } = settings
  const client = createClient({
    ...{ nameServers, connectTimeoutMs: timeoutMs, tls, addressMap, credentials, namespace },
    ...{ unit: undefined, instance: undefined, clock, logger, remainingMs: () => timeoutMs },
  })
  try {
    const wait = { timeoutMs, signal }
    const all = await (what === 'topics' ? topics : groups)(new TopicAdmin(client, wait), client, wait)
    const hasNamespace = client.wireName('x') !== 'x'
    return all.filter((name) => !hasNamespace || client.userName(name) !== name).map((name) => client.userName(name))
  } finally {
    await client.close()
  }
}

type Client = ReturnType<typeof createClient>
type Wait = { readonly timeoutMs: number; readonly signal: AbortSignal }

/** The embedded broker, if it listens and is ours. */
async function embeddedNow(context: CommandContext): Promise<readonly string[]> {
  const port = embeddedPort(context.env)
  const address = `${EMBEDDED_HOST}:${port}`
  return port !== 0 && (await findsOurs(context, address)) ? [address] : []
}

/** Without those of brokers, which are called like brokers and clusters. */
async function topics(admin: TopicAdmin): Promise<readonly string[]> {
  const [names, { masters, clusters }] = await Promise.all([admin.names(), admin.brokers()])
  const own = new Set([...clusters, ...clusters.map((cluster) => `${cluster}_REPLY_TOPIC`)])
  for (const { brokerName } of masters) own.add(brokerName)
  return names.filter((name) => !own.has(name) && !isSystemTopic(name))
}

async function groups(admin: TopicAdmin, client: Client, wait: Wait): Promise<readonly string[]> {
  const { masters } = await admin.brokers()
  const { names } = await knownGroups(client, masters, wait)
  return names.filter((name) => !isSystemGroup(client.userName(name)))
}

/** Whether a name is only offered to who begins to write it. */
export function isInternal(name: string): boolean {
  return name.startsWith(RETRY_PREFIX) || name.startsWith(DLQ_PREFIX)
}
