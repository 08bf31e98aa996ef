import type { ClientInstance } from '../../src/core/client/index.ts'
import {
  type MessageListenerConcurrently,
  type MessageListenerOrderly,
  PushConsumer,
  type PushConsumerParts,
} from '../../src/core/consumer/index.ts'
import type { Producer } from '../../src/core/producer/index.ts'
import type { MessageExt, MessageQueue } from '../../src/core/protocol/index.ts'
import type { EmbeddedCluster } from './embedded-cluster.ts'

/** A message as a listener got it. */
export interface Consumed {
  readonly member: string
  readonly queueTopic: string
  readonly queueId: number
  readonly offset: number
  readonly body: string
  readonly reconsumeTimes: number
  /** By the clock of the cluster, in ms. */
  readonly at: number
}

/** Settings of one member; the group's own are those of {@link ConsumerGroup}. */
export type MemberOptions = Partial<Omit<PushConsumerParts, 'group' | 'subscriptions'>> & {
  readonly client?: ClientInstance
}

/** One consumer with the client it has to itself. */
export interface Member {
  readonly name: string
  readonly client: ClientInstance
  readonly consumer: PushConsumer
  /** Leaves in good order. */
  leave(): Promise<void>
}

/** A topic with numbered messages, a group that consumes it, and what its members have consumed. All in virtual time. */
export class ConsumerGroup {
  readonly cluster: EmbeddedCluster
  readonly topic = 'orders'
  readonly group = 'g'
  readonly queues: readonly MessageQueue[]
  /** In the order of consumption, retries included. */
  readonly consumed: Consumed[] = []
  readonly #admin: ClientInstance
  readonly #producer: Producer
  #produced = 0
  #members = 0

  private constructor(cluster: EmbeddedCluster, admin: ClientInstance, queues: number) {
    this.cluster = cluster
    this.#admin = admin
    this.#producer = cluster.producer(admin)
    this.queues = Array.from({ length: queues }, (_, queueId) => ({
      topic: this.topic,
      brokerName: 'broker-a',
      queueId,
    }))
  }

  static async create(cluster: EmbeddedCluster, queues: number): Promise<ConsumerGroup> {
    const admin = cluster.client()
    await admin.remoting.invoke(cluster.broker.address, 'updateAndCreateTopic', {
      topic: 'orders',
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    })
    return new ConsumerGroup(cluster, admin, queues)
  }

  /** Messages with the next numbers as bodies, spread over the queues in turn. */
  async produce(count: number): Promise<void> {
    const first = this.#produced
    this.#produced += count
    for (const queue of this.queues) {
      const numbers = Array.from({ length: count }, (_, index) => first + index)
      const bodies = numbers.filter((number) => number % this.queues.length === queue.queueId)
      const messages = bodies.map((number) => ({ topic: this.topic, body: Buffer.from(String(number)) }))
      await this.#producer.sendBatch(messages, { selector: () => queue })
    }
  }

  /** How many messages there are. */
  get produced(): number {
    return this.#produced
  }

  /** A new member; `listener` is asked after the message was noted. */
  async join(options: MemberOptions = {}): Promise<Member> {
    const { client = this.cluster.client(), listener = () => 'CONSUME_SUCCESS', orderlyListener, ...rest } = options
    const name = `member ${this.#members++}`
    const consumer = new PushConsumer(client, {
      group: this.group,
      subscriptions: [{ topic: this.topic }],
      consumeFromWhere: { from: 'first' },
      ...(orderlyListener === undefined
        ? { listener: this.#noting(name, listener) }
        : { orderlyListener: this.#notingInOrder(name, orderlyListener) }),
      ...rest,
    })
    await consumer.start()
    return { name, client, consumer, leave: () => consumer.close() }
  }

  /** Moves time on, step by step, until something holds; fails after `withinMs` of it. */
  async until(holds: () => boolean | Promise<boolean>, withinMs = 120_000, stepMs = 100): Promise<void> {
    const { clock } = this.cluster
    const deadline = clock.monotonic() + withinMs
    while (!(await holds())) {
      if (clock.monotonic() >= deadline) throw new Error(`not so within ${withinMs} ms`)
      await clock.advance(stepMs)
    }
  }

  /** Waits until every message was consumed at least once. */
  async drained(withinMs?: number): Promise<void> {
    await this.until(() => this.bodies.size === this.#produced, withinMs)
  }

  /** The numbers consumed at least once. */
  get bodies(): ReadonlySet<string> {
    return new Set(this.consumed.map(({ body }) => body))
  }

  /** How many deliveries were not the first of their message. */
  get duplicates(): number {
    return this.consumed.length - this.bodies.size
  }

  /** The committed offset of each queue, as the broker has it. */
  committed(): Promise<(number | undefined)[]> {
    return Promise.all(this.queues.map((queue) => this.#admin.queueOffsets.committed(this.group, queue)))
  }

  /** The end of each queue. */
  ends(): Promise<number[]> {
    return Promise.all(this.queues.map((queue) => this.#admin.queueOffsets.max(queue)))
  }

  /** Which queues of the topic a member owns. */
  owned({ consumer }: Member): number[] {
    return consumer.queues
      .filter(({ messageQueue }) => messageQueue.topic === this.topic)
      .map(({ messageQueue }) => messageQueue.queueId)
      .sort((a, b) => a - b)
  }

  #noting(member: string, listener: MessageListenerConcurrently): MessageListenerConcurrently {
    return (messages, context) => {
      this.#note(member, messages, context.messageQueue)
      return listener(messages, context)
    }
  }

  #notingInOrder(member: string, listener: MessageListenerOrderly): MessageListenerOrderly {
    return (messages, context) => {
      this.#note(member, messages, context.messageQueue)
      return listener(messages, context)
    }
  }

  #note(member: string, messages: readonly MessageExt[], { topic, queueId }: MessageQueue): void {
    for (const { queueOffset, body, reconsumeTimes } of messages) {
      const at = this.cluster.clock.monotonic()
      const told = { member, queueTopic: topic, queueId, offset: queueOffset, reconsumeTimes, at }
      this.consumed.push({ ...told, body: body.toString() })
    }
  }
}
