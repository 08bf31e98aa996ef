import type { ListedTopic, TopicChange, TopicSettings } from '../core/admin/index.ts'
import type { Connection } from './connect.ts'
import type { Column } from './output/list.ts'
import { formatPerm } from './perm.ts'

/** A topic as `topics list` shows it. */
export interface TopicItem {
  readonly topic: string
  readonly kind: ListedTopic['kind']
  /** Of all brokers together. */
  readonly readQueues: number
  readonly writeQueues: number
  /** `rw`; of several brokers that differ, all of them: `r,rw`. */
  readonly perm: string
  readonly order: boolean
  readonly brokers: readonly BrokerItem[]
}

interface BrokerItem {
  readonly broker: string
  readonly cluster: string
  readonly readQueues: number
  readonly writeQueues: number
  readonly perm: string
  readonly order: boolean
}

/** The columns of `topics list`. */
export const topicColumns: readonly Column<TopicItem>[] = [
  { head: 'TOPIC', value: (item) => item.topic },
  { head: 'QUEUES', value: (item) => queueText(item) },
  { head: 'PERM', value: (item) => item.perm },
  { head: 'ORDER', value: (item) => (item.order ? 'yes' : 'no') },
  { head: 'KIND', value: (item) => item.kind, wide: true },
  { head: 'BROKERS', value: (item) => item.brokers.map(({ broker }) => broker).join(',') || '-' },
]

function queueText(item: TopicItem): string | number {
  return item.readQueues === item.writeQueues ? item.readQueues : `${item.readQueues}r/${item.writeQueues}w`
}

/** What is shown of the topics: those of the namespace, and without `all` only those that applications made. */
export function topicItems(
  topics: readonly ListedTopic[],
  options: { readonly all: boolean; readonly connection: Pick<Connection, 'owns' | 'userName'> },
): TopicItem[] {
  const { all, connection } = options
  return topics
    .filter(({ topic, kind }) => connection.owns(topic) && (all || kind === 'normal'))
    .map((listed) => ({
      ...topicItem(listed),
      topic: connection.userName(listed.topic),
    }))
}

function topicItem({ topic, kind, brokers }: ListedTopic): TopicItem {
  const items = brokers.map(({ brokerName, cluster, readQueues, writeQueues, perm, order }) => ({
    broker: brokerName,
    cluster,
    readQueues,
    writeQueues,
    perm: formatPerm(perm),
    order,
  }))
  return {
    topic,
    kind,
    readQueues: items.reduce((sum, item) => sum + item.readQueues, 0),
    writeQueues: items.reduce((sum, item) => sum + item.writeQueues, 0),
    perm: [...new Set(items.map((item) => item.perm))].sort().join(',') || '-',
    order: items.some((item) => item.order),
    brokers: items,
  }
}

/** The plan of `topics create`, a line for each broker, and what is lost by it. */
export function planLines(topic: string, plan: readonly TopicChange[]): string[] {
  return plan.flatMap(({ master, before, after, effect }) => {
    const where = `${master.brokerName} (${master.cluster})`
    if (before === undefined) return [`${where}: create ${topic} with ${settingsText(after)}`]
    if (effect === 'same') return [`${where}: ${topic} has ${settingsText(before)} already`]
    const line = `${where}: change ${topic} from ${settingsText(before)} to ${settingsText(after)}`
    return after.readQueues < before.readQueues ? [line, shrinkWarning(before, after)] : [line]
  })
}

function shrinkWarning(before: TopicSettings, after: TopicSettings): string {
  return `  messages in queues ${after.readQueues}–${before.readQueues - 1} will not be consumed any more`
}

function settingsText({ readQueues, writeQueues, perm, order }: TopicSettings): string {
  const queues =
    readQueues === writeQueues ? `${readQueues} queues` : `${readQueues} queues to read, ${writeQueues} to write`
  return `${queues}, perm ${formatPerm(perm)}${order ? ', ordered' : ''}`
}

/** Settings of a topic as JSON shows them. */
export function settingsJson({ perm, ...settings }: TopicSettings): Readonly<Record<string, unknown>> {
  return { ...settings, perm: formatPerm(perm) }
}
