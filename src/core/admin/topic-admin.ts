import type { ClientInstance } from '../client/index.ts'
import { RocketMQError } from '../errors.ts'
import type { TopicConfig } from '../protocol/index.ts'
import type { InvokeOptions } from '../remoting/index.ts'
import { type Brokers, findBrokers, type Master, mastersOf } from './cluster-masters.ts'
import { tellOrder } from './order-config.ts'
import { readTopicConfig } from './topic-config.ts'
import { listTopics, type TopicListing } from './topic-list.ts'
import {
  planTopic,
  sameSettings,
  type TopicChange,
  type TopicSettings,
  topicSettings,
  type WantedTopic,
} from './topic-plan.ts'

/** What became of a change on one broker. */
export interface AppliedChange {
  readonly change: TopicChange
  /** As read back from the broker. */
  readonly found: TopicSettings | undefined
  /** Whether that is what was wanted. */
  readonly verified: boolean
  /** Why it was not applied or could not be read back. */
  readonly error: RocketMQError | undefined
}

/** How often a name server is asked whether it tells a new topic. */
const VISIBLE_POLL_MS = 100

/** Topics of a cluster: list, plan, create. All names are those of the wire. */
export class TopicAdmin {
  readonly #client: ClientInstance
  readonly #wait: InvokeOptions

  constructor(client: ClientInstance, wait: InvokeOptions = {}) {
    this.#client = client
    this.#wait = wait
  }

  /** Every topic the name server or a broker knows; a broker that does not answer is told in `errors`. */
  list(): Promise<TopicListing> {
    return listTopics(this.#client, this.#wait)
  }

  /** Names only, for "did you mean"; empty when the name server does not tell them. */
  async names(): Promise<readonly string[]> {
    const { body } = await this.#client.nameServer.invoke('getAllTopicListFromNameServer', {}, this.#wait)
    return body.topicList
  }

  /** The brokers a topic can be put on. */
  brokers(): Promise<Brokers> {
    return findBrokers(this.#client, this.#wait)
  }

  /**
   * Says what {@link apply} would do on each master of the clusters named (see `mastersOf`); writes nothing. Rejects
   * when a broker does not answer: a plan must know what is there.
   */
  async plan(wanted: WantedTopic, clusters: readonly string[]): Promise<readonly TopicChange[]> {
    const masters = mastersOf(await this.brokers(), clusters)
    return Promise.all(masters.map(async (master) => planTopic(wanted, master, await this.#read(wanted.topic, master))))
  }

  /**
   * Carries a plan out on every broker that needs it and reads it back; a broker that fails does not keep the others
   * from it.
   */
  async apply(topic: string, plan: readonly TopicChange[]): Promise<readonly AppliedChange[]> {
    const ordered = plan.some(({ before, after }) => after.order || before?.order === true)
    if (ordered) await tellOrder(this.#client, topic, plan, this.#wait)
    return Promise.all(plan.map((change) => this.#applyOne(topic, change)))
  }

  /**
   * Waits until the name server's route names all these brokers with the queues wanted; `false` when it does not in
   * time.
   */
  async visible(topic: string, plan: readonly TopicChange[], timeoutMs: number): Promise<boolean> {
    const { clock, routes } = this.#client
    const end = clock.monotonic() + timeoutMs
    for (;;) {
      const route = await routes.refresh(topic, this.#wait)
      const told = new Map(route?.data.queueDatas.map((queue) => [queue.brokerName, queue]))
      const missing = plan.some(
        ({ master, after }) => told.get(master.brokerName)?.writeQueueNums !== after.writeQueues,
      )
      if (!missing) return true
      if (clock.monotonic() >= end) return false
      await clock.sleep(VISIBLE_POLL_MS, { signal: this.#wait.signal })
    }
  }

  async #applyOne(topic: string, change: TopicChange): Promise<AppliedChange> {
    try {
      if (change.effect !== 'same') await this.#write(topic, change)
      const config = await this.#read(topic, change.master)
      const found = config && topicSettings(config)
      return { change, found, verified: found !== undefined && sameSettings(found, change.after), error: undefined }
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      return { change, found: undefined, verified: false, error }
    }
  }

  async #write(topic: string, { master, after, config }: TopicChange): Promise<void> {
    const request = {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: after.readQueues,
      writeQueueNums: after.writeQueues,
      perm: after.perm,
      topicFilterType: config?.topicFilterType ?? 'SINGLE_TAG',
      topicSysFlag: config?.topicSysFlag ?? 0,
      order: after.order,
    }
    await this.#client.remoting.invoke(master.address, 'updateAndCreateTopic', request, this.#wait)
  }

  #read(topic: string, master: Master): Promise<TopicConfig | undefined> {
    return readTopicConfig(this.#client.remoting, { topic, address: master.address, ...this.#wait })
  }
}
