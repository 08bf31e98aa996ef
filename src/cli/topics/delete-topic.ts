import {
  type DeletedAt,
  deleteTopic as deleteEverywhere,
  type FoundTopic,
  findTopic,
  messagesIn,
  TopicAdmin,
  type TopicGroup,
  topicGroups,
} from '../../core/admin/index.ts'
import { RefusedError, RocketMQError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { confirm, type WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { stdoutWriter } from '../stdout.ts'
import { requireTopic } from './require-topic.ts'

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean }
}

/** Which topic to delete. */
export interface DeleteTopicRequest {
  readonly topic: string
  /** Although groups that are online consume it. */
  readonly inUse: boolean
}

/**
 * Deletes a topic with its messages on every broker, and lets every name server forget it, after a review; one that is
 * consumed right now is refused unless told otherwise. Reads back that it is gone. Resolves to the exit code: 6 when it is
 * still somewhere.
 */
export async function deleteTopic(request: DeleteTopicRequest, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const { client } = connection
  const topic = connection.wireName(request.topic)
  const wait = invokeOptions(context)
  const found = await findTopic(client, topic, wait)
  const [missing] = found.errors
  if (missing !== undefined) throw missing.error
  const forgotten = found.having.length === 0 && (await isTold(topic, parts))
  if (!forgotten) await requireTopic(topic, found, parts)
  requireMasters(found)
  const { groups } = await topicGroups(client, topic, { found, wait })
  for (const line of planLines(request.topic, { found, groups, connection })) context.say(line)
  refuseUsed(request, groups, parts)
  const go = await confirm({ question: 'Delete the topic?', name: request.topic }, parts.flags, parts)
  const masters = found.having.map(({ master }) => master)
  const done = go ? await deleteEverywhere(client, topic, { masters, wait }) : []
  const code = go ? sayDeleted(done, context) : ExitCode.DONE
  await printJson(request, { found, groups, done, parts })
  return code
}

/** Name servers may tell a topic no broker has any more. */
async function isTold(topic: string, { context, connection }: Parts): Promise<boolean> {
  return (await new TopicAdmin(connection.client, invokeOptions(context)).names()).includes(topic)
}

/** What has no master now would tell the topic again. */
function requireMasters({ brokers }: FoundTopic): void {
  const [name] = brokers.withoutMaster
  if (name === undefined) return
  throw new RocketMQError('UNREACHABLE', `broker ${name} has no master now: a topic is deleted everywhere or nowhere`)
}

function planLines(
  name: string,
  plan: {
    readonly found: FoundTopic
    readonly groups: readonly TopicGroup[]
    readonly connection: Pick<Connection, 'userName'>
  },
): string[] {
  const { found, groups, connection } = plan
  const brokers = found.having.map((onBroker) => {
    const { brokerName, cluster } = onBroker.master
    const messages = messagesIn(onBroker)
    return `${brokerName} (${cluster}): delete ${name} with ${messages ?? 'its'} messages in ${onBroker.queues?.length ?? 'its'} queues`
  })
  const used = groups.map(({ group, members, subscribed, lag }) => {
    const how = subscribed ? `is online with ${members} members` : 'has committed in it'
    return `group ${connection.userName(group)} ${how}${lag === undefined ? '' : `, ${lag} messages not consumed`}`
  })
  const nowhere = `no broker has ${name}; let the name servers forget it`
  return [...(brokers.length === 0 ? [nowhere] : brokers), ...used, 'this cannot be undone']
}

function refuseUsed(request: DeleteTopicRequest, groups: readonly TopicGroup[], { connection, flags }: Parts): void {
  const online = groups.filter(({ subscribed }) => subscribed)
  if (online.length === 0 || request.inUse || flags['dry-run']) return
  const names = online.map(({ group }) => connection.userName(group)).join(', ')
  throw new RefusedError(`nothing was changed: ${request.topic} is consumed right now by ${names}`, {
    suggestions: ['stop its consumers first, or add --in-use'],
  })
}

function sayDeleted(done: readonly DeletedAt[], context: CommandContext): number {
  const left = done.filter(({ gone }) => !gone)
  const [first] = left
  if (first !== undefined && left.length === done.length) {
    throw first.error ?? new RocketMQError('RESPONSE', `${first.source} took the request, but has the topic still`)
  }
  for (const { source, gone, error } of done) {
    context.say(`${source}: ${gone ? 'gone' : (error?.message ?? 'took the request, but has it still')}`)
  }
  return left.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

async function printJson(
  request: DeleteTopicRequest,
  outcome: {
    readonly found: FoundTopic
    readonly groups: readonly TopicGroup[]
    readonly done: readonly DeletedAt[]
    readonly parts: Parts
  },
): Promise<void> {
  const { found, groups, done, parts } = outcome
  if (!parts.flags.json) return
  const { connection } = parts
  const brokers = found.having.map((onBroker) => {
    const at = done.find(({ kind, source }) => kind === 'broker' && source === onBroker.master.brokerName)
    return {
      broker: onBroker.master.brokerName,
      cluster: onBroker.master.cluster,
      queues: onBroker.queues?.length ?? null,
      messages: messagesIn(onBroker) ?? null,
      applied: at !== undefined,
      verified: at?.gone ?? null,
    }
  })
  const nameServers = done
    .filter(({ kind }) => kind === 'nameServer')
    .map(({ source, gone }) => ({ address: source, verified: gone }))
  const used = groups.map(({ group, members, lag }) => ({
    group: connection.userName(group),
    members,
    lag: lag ?? null,
  }))
  const head = { ...documentHead(parts.context), topic: request.topic }
  const document = { ...head, brokers, nameServers, groups: used, applied: done.length > 0 }
  await stdoutWriter().write(`${jsonDocument(document)}\n`)
}
