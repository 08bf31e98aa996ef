import type { RouteTable } from '../../client/index.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'

/**
 * Calls back whenever the queues of a topic are others than they were, as its route is refreshed
 * (`TopicMessageQueueChangeListener.java`); not for those there are at first. Returns how to stop that.
 */
export function watchQueues(
  routes: Pick<RouteTable, 'cached' | 'watch' | 'unwatch' | 'onChange'>,
  topic: string,
  listener: (queues: readonly MessageQueue[]) => void,
): () => void {
  const keys = (queues: readonly MessageQueue[]): string => queues.map(queueKey).sort().join('\n')
  const cached = routes.cached(topic)
  let last = cached && keys(cached.subscribeQueues)
  routes.watch(topic)
  const forget = routes.onChange((route) => {
    if (route.topic !== topic) return
    const before = last
    last = keys(route.subscribeQueues)
    if (before !== undefined && before !== last) listener(route.subscribeQueues)
  })
  let watching = true
  return () => {
    if (watching) routes.unwatch(topic)
    watching = false
    forget()
  }
}
