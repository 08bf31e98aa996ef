import type { ClientInstance, ClientOptions } from '../../../src/core/client/index.ts'
import { PushConsumer, type PushConsumerParts } from '../../../src/core/consumer/index.ts'
import { queueName } from '../../../src/core/protocol/index.ts'
import { clusterClient, clusterProducer, shown, untilCommitted, untilShown } from './client.ts'
import type { ClusterAddress } from './cluster.ts'

/** A message our consumer was given. */
export interface OurMessage {
  readonly topic: string
  readonly queue: number
  readonly offset: number
  readonly reconsumeTimes: number
  readonly body: string
  readonly at: number
}

/** Settings of {@link OurMember.join}; the listener is asked after the message was noted. */
export type OurMemberOptions = Partial<Omit<PushConsumerParts, 'subscriptions'>> & {
  readonly topic: string
  /** More topics. */
  readonly others?: readonly string[]
  readonly group: string
  readonly tags?: string
  /** @default one of its own */
  readonly clientId?: string
  /** Of its client, such as another clock. */
  readonly client?: Partial<ClientOptions>
}

/** A consumer of ours at a real cluster, in this process, with a client of its own. */
export class OurMember {
  /** In the order of consumption. */
  readonly messages: OurMessage[] = []
  readonly clientId: string
  readonly consumer: PushConsumer
  readonly #client: ClientInstance
  readonly #topic: string

  private constructor(
    cluster: ClusterAddress,
    { topic, others = [], tags, clientId, client = {}, listener, ...options }: OurMemberOptions,
  ) {
    this.#client = clusterClient(cluster, clientId === undefined ? client : { ...client, clientId })
    this.#topic = topic
    this.clientId = this.#client.clientId
    this.consumer = new PushConsumer(this.#client, {
      subscriptions: [topic, ...others].map((each) => ({ topic: each, tags })),
      consumeFromWhere: { from: 'first' },
      ...options,
      listener: (messages, context) => {
        for (const message of messages) {
          this.messages.push({
            topic: context.messageQueue.topic,
            queue: message.queueId,
            offset: message.queueOffset,
            reconsumeTimes: message.reconsumeTimes,
            body: message.body.toString(),
            at: Date.now(),
          })
        }
        return listener?.(messages, context) ?? 'CONSUME_SUCCESS'
      },
    })
  }

  static async join(cluster: ClusterAddress, options: OurMemberOptions): Promise<OurMember> {
    const member = new OurMember(cluster, options)
    await member.consumer.start()
    return member
  }

  /** The queues of the topic it holds, as `broker-a:0`. */
  get owned(): string[] {
    return this.consumer.queues
      .filter(({ messageQueue }) => messageQueue.topic === this.#topic)
      .map(({ messageQueue }) => queueName(messageQueue))
      .sort()
  }

  /** Resolves when its group has committed all of the topic, whichever member consumed it. */
  untilCommitted(): Promise<void> {
    return untilCommitted(this.#client, this.consumer.group, this.#topic)
  }

  async leave(): Promise<void> {
    await this.consumer.close()
    await this.#client.close()
  }
}

/** Sends messages with these bodies, each queue in turn, and resolves when the queues show them. */
export async function produceBodies(
  cluster: ClusterAddress,
  topic: string,
  bodies: readonly string[],
  options: { readonly tags?: string } = {},
): Promise<void> {
  const client = clusterClient(cluster)
  const producer = clusterProducer(client)
  const before = await shown(client, topic)
  for (const body of bodies) await producer.send({ topic, body: Buffer.from(body), ...options })
  await untilShown(client, topic, before + bodies.length)
  await producer.close()
  await client.close()
}
