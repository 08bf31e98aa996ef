import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../../src/core/broker/index.ts'
import {
  command,
  decodeMessages,
  encodeProperties,
  type MessageExt,
  type OperationName,
  type Operations,
  type RemotingCommand,
  type RequestOf,
  type ResponseOf,
  sqlSubscription,
  tagSubscription,
} from '../../../src/core/protocol/index.ts'
import { type Channel, memoryTransportPair, RemotingClient, respondTo } from '../../../src/core/remoting/index.ts'
import type { Logger } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A client of the broker under test, over a connection of its own, that remembers what the broker asked of it. */
export class TestClient {
  readonly #client: RemotingClient
  /** Requests the broker made, in order. */
  readonly asked: RemotingCommand[] = []
  /** How to answer them; nothing is answered by default. */
  answer: ((request: RemotingCommand) => Partial<RemotingCommand> | undefined) | undefined
  #channel: Channel | undefined

  constructor(broker: EmbeddedBroker, clock: VirtualClock, address: string) {
    this.#client = new RemotingClient({
      clock,
      connect: async () => {
        const pair = memoryTransportPair({ client: address, server: '127.0.0.1:10911' })
        broker.accept(pair.server)
        return pair.client
      },
      onConnect: (channel) => {
        this.#channel = channel
      },
      onRequest: (request, channel) => {
        this.asked.push(request)
        const answer = this.answer?.(request)
        if (answer) channel.send(respondTo(request, command({ code: 0, opaque: request.opaque, ...answer })))
      },
    })
  }

  invoke<K extends OperationName>(name: K, request: RequestOf<Operations[K]>): Promise<ResponseOf<Operations[K]>> {
    return this.#client.invoke('broker', name, request, { timeoutMs: 600_000 })
  }

  oneway<K extends OperationName>(name: K, request: RequestOf<Operations[K]>): Promise<void> {
    return this.#client.oneway('broker', name, request)
  }

  /** Sends a command as it is and waits for the answer, whatever it is. */
  async raw(request: Partial<RemotingCommand> & { readonly code: number }): Promise<RemotingCommand> {
    await this.#client.connect('broker')
    const channel = this.#channel!
    const opaque = channel.nextOpaque()
    return channel.request(command({ opaque, ...request }), { timeoutMs: 1000, what: 'raw' })
  }

  /** Sends a message; resolves to the broker's answer. */
  send(topic: string, body: string, options: SendOptions = {}) {
    return this.invoke('sendMessageV2', {
      producerGroup: 'producers',
      topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: options.queueId ?? 0,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
      properties: encodeProperties(new Map(Object.entries(options.properties ?? {}))),
      reconsumeTimes: options.reconsumeTimes,
      maxReconsumeTimes: options.maxReconsumeTimes,
      body: Buffer.from(body),
    })
  }

  /** Pulls with a subscription of its own. */
  pull(topic: string, options: PullOptions = {}) {
    return this.invoke('pullMessage', {
      consumerGroup: options.group ?? 'consumers',
      topic,
      queueId: options.queueId ?? 0,
      queueOffset: options.offset ?? 0,
      maxMsgNums: options.max ?? 32,
      sysFlag: options.sysFlag ?? 4,
      commitOffset: options.commitOffset ?? 0,
      suspendTimeoutMillis: options.suspendMs ?? 15_000,
      subscription: options.sql ?? options.tags ?? '*',
      subVersion: 0,
      ...(options.sql === undefined ? {} : { expressionType: 'SQL92' }),
    })
  }

  /** The messages at the beginning of a queue. */
  async messages(topic: string, options: PullOptions = {}): Promise<MessageExt[]> {
    const answer = await this.pull(topic, options)
    return answer.outcome === 'FOUND' ? decodeMessages(answer.body) : []
  }

  /** Makes a group by asking for it, as 5.x brokers do. */
  makeGroup(group: string) {
    return this.invoke('getSubscriptionGroupConfig', { group })
  }

  heartbeat(clientId: string, group: string, topics: readonly string[], options: HeartbeatOptions = {}) {
    return this.invoke('heartBeat', {
      body: {
        clientID: clientId,
        consumerDataSet: [
          {
            consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
            consumeType: 'CONSUME_PASSIVELY',
            groupName: group,
            messageModel: options.messageModel ?? 'CLUSTERING',
            subscriptionDataSet: topics.map((topic) =>
              options.sql === undefined
                ? tagSubscription(topic, options.tags, options.subVersion ?? 1)
                : sqlSubscription(topic, options.sql, options.subVersion ?? 1),
            ),
            unitMode: false,
          },
        ],
        heartbeatFingerprint: options.fingerprint ?? 0,
        producerDataSet: [],
        withoutSub: options.withoutSub ?? false,
      },
    })
  }

  close(): void {
    this.#client.close()
  }
}

interface SendOptions {
  readonly queueId?: number
  readonly properties?: Readonly<Record<string, string>>
  readonly reconsumeTimes?: number
  readonly maxReconsumeTimes?: number
}

interface PullOptions {
  readonly group?: string
  readonly queueId?: number
  readonly offset?: number
  readonly max?: number
  /** 4: subscription inside; 2: hold; 1: commit. */
  readonly sysFlag?: number
  readonly commitOffset?: number
  readonly suspendMs?: number
  readonly tags?: string
  readonly sql?: string
}

interface HeartbeatOptions {
  readonly tags?: string
  readonly sql?: string
  readonly subVersion?: number
  readonly fingerprint?: number
  readonly withoutSub?: boolean
  readonly messageModel?: string
}

/** A broker in memory on a virtual clock. */
export async function startTestBroker(options: Partial<EmbeddedBrokerOptions> = {}) {
  const clock = new VirtualClock()
  const warnings: string[] = []
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => warnings.push(message),
  }
  const broker = await EmbeddedBroker.start({ clock, logger, store: { kind: 'memory' }, ...options })
  let port = 40_000
  const connect = (): TestClient => new TestClient(broker, clock, `10.0.0.9:${port++}`)
  return { broker, clock, warnings, connect, client: connect() }
}

/** The response code and remark a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ code: number; remark: string | undefined }> {
  try {
    await call
  } catch (error) {
    const { responseCode, remark } = error as { responseCode?: number; remark?: string }
    if (responseCode !== undefined) return { code: responseCode, remark }
    throw error
  }
  throw new Error('the call was not refused')
}
