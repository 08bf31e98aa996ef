import type { CommandContext } from '../command-context.ts'
import { type FeedEntry, runningFeeds } from '../feed/discovery.ts'
import { onScreen } from './on-screen.ts'
import type { TerminalPort } from './terminal-port.ts'

/** What lets somebody choose one of a list; resolves to its key. Commands load it by `import()`, since it is heavy. */
export type ShowPicker = (options: {
  readonly title: string
  readonly heads: readonly string[]
  readonly items: readonly { readonly key: string; readonly cells: readonly string[] }[]
  readonly terminal: TerminalPort
  readonly signal: AbortSignal
  readonly color: boolean
  readonly ascii: boolean
}) => Promise<string | undefined>

/** What came of it. */
export type PickedFeed = { readonly kind: 'feed'; readonly pid: string } | { readonly kind: 'none' }

const heads = ['PID', 'GROUP', 'TOPIC', 'SINCE', 'CLIENT']

/** Where several feeds run, lets somebody choose on the terminal; `undefined` where there is nothing to choose. */
export async function pickFeed(
  context: CommandContext,
  { pick, ascii }: { readonly pick: ShowPicker; readonly ascii: boolean },
): Promise<PickedFeed | undefined> {
  const feeds = runningFeeds(context.env)
  if (feeds.length < 2) return undefined
  const title = `${feeds.length} consumers of this host can be watched`
  const items = feeds.map(item)
  const pid = await onScreen(context, ascii, (screen) => pick({ title, heads, items, ...screen }))
  return pid === undefined ? { kind: 'none' } : { kind: 'feed', pid }
}

function item({ pid, group, topic, clientId, startedAt }: FeedEntry) {
  const since = new Date(startedAt).toTimeString().slice(0, 8)
  return { key: String(pid), cells: [String(pid), group, topic, since, clientId] }
}
