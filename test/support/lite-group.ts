import { LitePullConsumer, type LitePullConsumerParts } from '../../src/core/consumer/index.ts'
import type { MessageExt } from '../../src/core/protocol/index.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { EmbeddedCluster } from './embedded-cluster.ts'

/** A topic with numbered messages and lite pull consumers of one group, in virtual time. */
export class LiteGroup {
  readonly cluster: EmbeddedCluster
  readonly topic: ConsumerGroup
  readonly #consumers: LitePullConsumer[] = []

  private constructor(cluster: EmbeddedCluster, topic: ConsumerGroup) {
    this.cluster = cluster
    this.topic = topic
  }

  static async create(queues: number): Promise<LiteGroup> {
    const cluster = await EmbeddedCluster.start()
    return new LiteGroup(cluster, await ConsumerGroup.create(cluster, queues))
  }

  /** Waits for something while time goes on. */
  async settled<T>(job: Promise<T>, stepMs = 50): Promise<T> {
    let done = false
    const ended = job.finally(() => {
      done = true
    })
    ended.catch(() => undefined)
    await this.cluster.clock.settle()
    for (let i = 0; i < 4000 && !isTrue(() => done); i++) await this.cluster.clock.advance(stepMs)
    return ended
  }

  /** A consumer that is not started yet. */
  build(parts: Partial<LitePullConsumerParts> = {}): LitePullConsumer {
    const options = { group: 'g', consumeFromWhere: { from: 'first' } as const, ...parts }
    const consumer = new LitePullConsumer(this.cluster.client(), options)
    this.#consumers.push(consumer)
    return consumer
  }

  /** A running consumer subscribed to the topic, with its share of the queues. */
  async join(parts: Partial<LitePullConsumerParts> = {}): Promise<LitePullConsumer> {
    const consumer = this.build(parts)
    consumer.subscribe({ topic: this.topic.topic })
    await this.settled(consumer.start())
    await this.topic.until(() => consumer.assignment.length > 0)
    return consumer
  }

  /** Polls until a poll brings nothing; resolves to all that came. */
  async drain(consumer: LitePullConsumer, timeoutMs = 1000): Promise<MessageExt[]> {
    const all: MessageExt[] = []
    for (;;) {
      const messages = await this.settled(consumer.poll(timeoutMs))
      if (messages.length === 0) return all
      all.push(...messages)
    }
  }

  async close(): Promise<void> {
    await this.settled(Promise.all(this.#consumers.map((consumer) => consumer.close())))
    await this.settled(this.cluster.close())
  }
}

function isTrue(holds: () => boolean): boolean {
  return holds()
}

/** The bodies of messages as numbers, by size. */
export function numbers(messages: readonly MessageExt[]): number[] {
  return messages.map(({ body }) => Number(body.toString())).sort((a, b) => a - b)
}

/** from … to - 1. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
