import type { CommandContext } from '../command-context.ts'
import { EventRelay, loggedEvents } from './event-relay.ts'
import type { Pictures } from './screen.ts'

/** What `--attach` alone stands for. */
export const ANY_FEED = 'any'

/** Snapshots per second. */
const RATE = 2

/** What the feed of another process tells; rejects when there is none, or several and none is named. */
export async function feedPictures(
  wanted: string | undefined,
  { context, withEvents }: { readonly context: CommandContext; readonly withEvents: boolean },
): Promise<Pictures> {
  const [{ chooseFeed }, { FeedSource }, { snapshotsOf }] = await Promise.all([
    import('../feed/choose-feed.ts'),
    import('../feed/feed-source.ts'),
    import('../feed/source.ts'),
  ])
  const feed = chooseFeed(wanted === ANY_FEED ? undefined : wanted, context.env)
  const { clock, signal } = context
  const events = new EventRelay()
  const source = new FeedSource({ feed, clock, rate: RATE, events: withEvents ? loggedEvents : [], signal })
  return { snapshots: snapshotsOf(source, events.tell), events }
}

/** Words in which `--attach` alone has its value: the word behind it is one, unless it is a flag. */
export function withAnyFeed(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const next = words[index + 1]
    const isAlone = word === '--attach' && (next === undefined || next.startsWith('-'))
    return isAlone ? `--attach=${ANY_FEED}` : word
  })
}
