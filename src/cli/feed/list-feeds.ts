import type { CommandContext } from '../command-context.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { type FeedEntry, runningFeeds } from './discovery.ts'

/** A feed as lists show it; its token is nobody's business. */
interface FeedItem {
  readonly pid: number
  readonly group: string
  readonly topic: string
  readonly clientId: string
  readonly startedAt: string
  readonly proto: number
  readonly address: string
}

const columns: readonly Column<FeedItem>[] = [
  { head: 'PID', value: ({ pid }) => pid },
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'CLIENT', value: ({ clientId }) => clientId },
  { head: 'STARTED', value: ({ startedAt }) => startedAt },
  { head: 'ADDRESS', value: ({ address }) => address, wide: true },
]

/** Writes the feeds of this user that run on this host. */
export async function listFeeds(format: ListFormat, context: CommandContext): Promise<void> {
  await printList({ name: 'feeds', items: runningFeeds(context.env).map(item), columns }, format, context)
}

function item({ pid, group, topic, clientId, startedAt, proto, address }: FeedEntry): FeedItem {
  return {
    pid,
    group,
    topic,
    clientId,
    startedAt: new Date(startedAt).toISOString(),
    proto,
    address: address.kind === 'socket' ? address.path : `127.0.0.1:${address.port}`,
  }
}
