import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import { compareText, ResponseCode, type TopicConfig } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { type Brokers, findBrokers, type Master } from '../cluster-masters.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { readTopicConfig } from '../topic-config.ts'

/** A queue of a topic. */
export interface TopicQueue {
  readonly queueId: number
  readonly min: number
  readonly max: number
  /** When its last message was stored, in ms; 0: it holds none. */
  readonly lastStoredAt: number
}

/** A topic on one broker. */
export interface FoundTopicOnBroker {
  readonly master: Master
  /** `undefined`: this broker has no such topic. */
  readonly config: TopicConfig | undefined
  /** Sorted by id; `undefined`: not told. */
  readonly queues: readonly TopicQueue[] | undefined
  /** Groups that subscribe it now or have committed in it. */
  readonly groups: readonly string[]
}

/** A topic as all brokers have it. */
export interface FoundTopic {
  readonly brokers: Brokers
  /** Of each master that answered. */
  readonly found: readonly FoundTopicOnBroker[]
  /** Those that have it. */
  readonly having: readonly FoundTopicOnBroker[]
  /** All groups of it, sorted. */
  readonly groups: readonly string[]
  readonly errors: readonly SourceError[]
}

/** Asks every master what it has of a topic (351 or 21, 202, 300). Rejects when no name server answers. */
export async function findTopic(client: ClientInstance, topic: string, wait: InvokeOptions): Promise<FoundTopic> {
  const fanOut = new FanOut()
  const brokers = await findBrokers(client, wait)
  const answers = brokers.masters.map(async (master): Promise<FoundTopicOnBroker | undefined> => {
    const { address, brokerName } = master
    const asked = { topic, address, ...wait }
    const told = await fanOut.ask(brokerName, async () => ({ config: await readTopicConfig(client.remoting, asked) }))
    if (told === undefined) return undefined
    if (told.config === undefined) return { master, config: undefined, queues: [], groups: [] }
    const [queues, groups] = await Promise.all([
      fanOut.ask(brokerName, () => queuesOf(client, topic, { master, wait })),
      fanOut.ask(brokerName, () => client.remoting.invoke(address, 'queryTopicConsumeByWho', { topic }, wait)),
    ])
    return { master, config: told.config, queues, groups: groups?.body.groupList ?? [] }
  })
  const found = (await Promise.all(answers)).filter((answer) => answer !== undefined)
  return {
    brokers,
    found,
    having: found.filter(({ config }) => config !== undefined),
    groups: [...new Set(found.flatMap(({ groups }) => groups))].sort(compareText),
    errors: fanOut.errors,
  }
}

async function queuesOf(
  client: ClientInstance,
  topic: string,
  { master, wait }: { readonly master: Master; readonly wait: InvokeOptions },
): Promise<readonly TopicQueue[]> {
  try {
    const { body } = await client.remoting.invoke(master.address, 'getTopicStatsInfo', { topic }, wait)
    const queues = body.offsetTable.map(([{ queueId }, { minOffset, maxOffset, lastUpdateTimestamp }]) => {
      return { queueId, min: minOffset, max: maxOffset, lastStoredAt: Math.max(0, lastUpdateTimestamp) }
    })
    return queues.sort((a, b) => a.queueId - b.queueId)
  } catch (error) {
    // It has been deleted since.
    if (error instanceof BrokerResponseError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return []
    throw error
  }
}

/** Messages a broker holds of a topic; `undefined`: not told. */
export function messagesIn({ queues }: Pick<FoundTopicOnBroker, 'queues'>): number | undefined {
  return queues?.reduce((sum, { min, max }) => sum + Math.max(0, max - min), 0)
}
