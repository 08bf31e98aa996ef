import { Flags } from '@oclif/core'
import { UsageError } from '../../core/errors.ts'
import type { WantedFeed } from '../feed/serve-feed.ts'
import { readFlag } from '../flag-types.ts'
import { listenFlag } from '../metrics/listen-flag.ts'

/** What `--feed` alone stands for. */
export const FEED_SOCKET = 'socket'

/** Flags by which others can watch this consumer. */
export const watchFlags = {
  dashboard: Flags.boolean({
    helpGroup: 'WATCHING',
    summary: 'draw how this consumer stands, live, instead of its messages; q ends it in order',
  }),
  feed: Flags.custom<WantedFeed>({
    parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseFeed)),
  })({
    helpGroup: 'WATCHING',
    helpValue: '[=PORT]',
    summary: 'let mq feed and dashboards of this user look in; with PORT (0: any) at 127.0.0.1, by a token',
  }),
  'metrics-port': listenFlag({ helpGroup: 'WATCHING' }),
} as const

function parseFeed(text: string): WantedFeed {
  if (text === FEED_SOCKET) return text
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new UsageError(`'${text}' is not a port; it must be between 0 and 65535, or left out (a socket)`)
}
