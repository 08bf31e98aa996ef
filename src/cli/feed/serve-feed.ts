import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { CommandContext } from '../command-context.ts'
import { announce, type FeedAddress, socketPath } from './discovery.ts'
import { type FeedPlace, FeedServer } from './feed-server.ts'
import { FEED_PROTO } from './frames.ts'
import { processSnapshot, type WatchedConsumer } from './process-source.ts'

/** Where a feed was asked for: at a socket, or at a port (0: any that is free). */
export type WantedFeed = 'socket' | number

/** Of what a feed is served. */
export interface FedConsumer extends WatchedConsumer {
  readonly group: string
  readonly topic: string
  readonly clientId: string
}

/** A feed that is served and can be found. */
export interface ServedFeed {
  /** Says good-bye to its readers and takes it away. */
  close(): Promise<void>
}

/** Serves the feed of a consumer of this process, lets `mq feed list` find it, and says so on stderr. */
export async function serveFeed(
  wanted: WantedFeed,
  consumer: FedConsumer,
  { context, pid = process.pid }: { readonly context: CommandContext; readonly pid?: number },
): Promise<ServedFeed> {
  const { group, topic, clientId, clock } = consumer
  const about = { proto: FEED_PROTO, app: 'mq', pid, clientId, group, topic, startedAt: clock.now() }
  const place = placeOf(wanted, context, pid)
  const hello = { type: 'hello', ...about } as const
  const server = await FeedServer.start({ clock, hello, snapshot: () => processSnapshot(consumer) }, place)
  const address: FeedAddress = place.kind === 'socket' ? place : { ...place, port: server.port ?? place.port }
  const hide = announce({ ...about, address }, context.env)
  // A second signal ends this process at once, and must not leave behind what others would find.
  const cut = (): void => {
    hide()
    if (place.kind === 'socket') rmSync(place.path, { force: true })
  }
  process.once('exit', cut)
  const where = address.kind === 'tcp' ? ` at 127.0.0.1:${address.port}` : ''
  context.say(`the feed of this consumer is served${where}: mq feed tail ${pid}`)
  return {
    close: async () => {
      hide()
      await server.close()
      process.removeListener('exit', cut)
      cut()
    },
  }
}

/** Where there are no sockets with owners, a port and its token are as good. */
function placeOf(wanted: WantedFeed, { env }: CommandContext, pid: number): FeedPlace {
  if (wanted === 'socket' && process.platform !== 'win32') return { kind: 'socket', path: socketPath(env, pid) }
  return { kind: 'tcp', port: wanted === 'socket' ? 0 : wanted, token: randomBytes(32).toString('base64url') }
}
