import { NotFoundError, RefusedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { type FeedEntry, runningFeeds } from './discovery.ts'

/**
 * The feed a user means: by process or client id, or the only one. Throws NotFoundError when there is none, RefusedError
 * when there are several, naming them.
 */
export function chooseFeed(wanted: string | undefined, env: CommandContext['env']): FeedEntry {
  const feeds = runningFeeds(env)
  const suggestions = ['serve one: mq consume TOPIC -g GROUP --feed', 'mq feed list shows what there is']
  if (wanted !== undefined) {
    const found = feeds.find(({ pid, clientId }) => String(pid) === wanted || clientId === wanted)
    if (found !== undefined) return found
    throw new NotFoundError('client', wanted, `no feed of ${wanted} runs here`, { suggestions })
  }
  const [only, ...others] = feeds
  if (only === undefined) throw new NotFoundError('client', 'feed', 'no feed runs here', { suggestions })
  if (others.length === 0) return only
  throw new RefusedError(`${feeds.length} feeds run here; name one by its process`, {
    suggestions: feeds.slice(0, 10).map(({ pid, group, topic }) => `${pid}: group ${group}, topic ${topic}`),
  })
}
