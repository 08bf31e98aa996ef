import { type FoundTopic, type FoundTopicOnBroker, findTopic } from '../../core/admin/index.ts'
import { checkTopicName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { formatPerm } from '../perm.ts'
import { requireTopic } from './require-topic.ts'

/** A queue of a topic as `topics show` tells it. */
interface QueueItem {
  readonly broker: string
  readonly cluster: string
  readonly queue: number
  readonly min: number
  readonly max: number
  readonly messages: number
  readonly lastStored: string | null
}

const columns: readonly Column<QueueItem>[] = [
  { head: 'QUEUE', value: ({ broker, queue }) => `${broker}:${queue}` },
  { head: 'MIN', value: ({ min }) => min },
  { head: 'MAX', value: ({ max }) => max },
  { head: 'MESSAGES', value: ({ messages }) => messages },
  { head: 'LAST-STORED', value: ({ lastStored }) => lastStored ?? undefined },
  { head: 'CLUSTER', value: ({ cluster }) => cluster, wide: true },
]

/** Writes the queues of a topic, its settings on each broker and its groups. Resolves to the exit code: 6 when a broker did not answer. */
export async function showTopic(
  request: { readonly topic: string; readonly format: ListFormat },
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { context, connection } = parts
  const topic = connection.wireName(request.topic)
  checkTopicName(topic)
  const found = await findTopic(connection.client, topic, invokeOptions(context))
  await requireTopic(topic, found, parts)
  const items = found.having.flatMap(queueItems)
  const errors = found.errors.map(({ source, error }) => ({ source, message: error.message }))
  const groups = found.groups.map((group) => connection.userName(group))
  const brokers = found.having.map((onBroker) => brokerItem(onBroker, connection))
  const list = { name: 'queues', items, columns, errors, more: { topic: request.topic, brokers, groups } }
  await printList(list, request.format, context)
  if (request.format === 'table' || request.format === 'wide') {
    for (const line of settingLines(found)) context.say(line)
    context.say(groups.length === 0 ? 'no group has it' : `groups: ${groups.join(', ')}`)
  }
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function queueItems({ master, queues }: FoundTopicOnBroker): QueueItem[] {
  return (queues ?? []).map(({ queueId, min, max, lastStoredAt }) => ({
    broker: master.brokerName,
    cluster: master.cluster,
    queue: queueId,
    min,
    max,
    messages: Math.max(0, max - min),
    lastStored: lastStoredAt > 0 ? new Date(lastStoredAt).toISOString() : null,
  }))
}

function brokerItem({ master, config, groups }: FoundTopicOnBroker, connection: Pick<Connection, 'userName'>) {
  return {
    broker: master.brokerName,
    cluster: master.cluster,
    address: master.address,
    readQueues: config?.readQueueNums ?? null,
    writeQueues: config?.writeQueueNums ?? null,
    perm: config === undefined ? null : formatPerm(config.perm),
    order: config?.order ?? null,
    attributes: Object.fromEntries(config?.attributes ?? []),
    groups: groups.map((group) => connection.userName(group)),
  }
}

function settingLines({ having }: FoundTopic): string[] {
  return having.flatMap(({ master, config }) => {
    if (config === undefined) return []
    const { readQueueNums, writeQueueNums, perm, order, attributes } = config
    const more = [...attributes].map(([name, value]) => `, ${name}=${value}`).join('')
    const queues = `${readQueueNums} queues to read, ${writeQueueNums} to write`
    return [
      `${master.brokerName} (${master.cluster}, ${master.address}): ${queues}, perm ${formatPerm(perm)}${order ? ', ordered' : ''}${more}`,
    ]
  })
}
