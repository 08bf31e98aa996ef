import type { ClientInstance } from '../../client/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { findConnections } from '../offsets/group-members.ts'
import { surveyGroup } from '../offsets/group-survey.ts'
import { lagOf } from '../offsets/queue-progress.ts'
import type { FoundTopic } from './topic-stats.ts'

/** How a group stands in a topic. */
export interface TopicGroup {
  readonly group: string
  /** Members that are online, each client once. */
  readonly members: number
  /** Whether those that are online want the topic. */
  readonly subscribed: boolean
  /** Queues it has committed in. */
  readonly committed: number
  /** Messages that wait; `undefined` where a queue of it is not known. */
  readonly lag: number | undefined
}

/** Groups asked for at once. */
const AT_ONCE = 16

/** Asks how each group of a topic stands in it. */
export async function topicGroups(
  client: ClientInstance,
  topic: string,
  { found, wait }: { readonly found: FoundTopic; readonly wait: InvokeOptions },
): Promise<{ readonly groups: readonly TopicGroup[]; readonly errors: readonly SourceError[] }> {
  const fanOut = new FanOut()
  const groups = new Map<string, TopicGroup>()
  const next = found.groups.values()
  const { masters } = found.brokers
  const worker = async (): Promise<void> => {
    for (const group of next) {
      const [{ seen, membership }, survey] = await Promise.all([
        findConnections(client, group, { fanOut, masters, wait }),
        surveyGroup(client, { group, topic, details: false }, wait),
      ])
      for (const { source, error } of survey.errors) fanOut.note(source, error)
      const committed = survey.queues.filter((queue) => queue.committed !== undefined)
      const lags = committed.map((queue) => lagOf(queue))
      const unknown = survey.queues.some(({ state }) => state.kind === 'unknown')
      groups.set(group, {
        group,
        members: seen.size,
        subscribed: membership.subscribed.has(topic),
        committed: committed.length,
        lag: unknown ? undefined : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0),
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { groups: found.groups.flatMap((name) => groups.get(name) ?? []), errors: fanOut.errors }
}
