import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { ClientInstance } from '../../src/core/client/index.ts'
import { BrokerResponseError, RocketMQError } from '../../src/core/errors.ts'
import { Producer } from '../../src/core/producer/index.ts'
import { tcpConnect } from '../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'

/** An embedded broker on a free port of loopback, in real time, with nothing on disk: for programs to connect to. */
export function startLiveBroker(options: { readonly lockLifeMs?: number } = {}): Promise<EmbeddedBroker> {
  return EmbeddedBroker.start({
    clock: systemClock,
    logger: silentLogger,
    port: 0,
    store: { kind: 'memory' },
    ...options,
  })
}

/** The eyes and hands of a test at a broker over TCP, and a producer of numbered messages. */
export class Observer {
  readonly client: ClientInstance
  readonly #address: string
  readonly #producer: Producer

  constructor(address: string) {
    this.#address = address
    this.client = new ClientInstance({
      nameServers: [address],
      clientId: `127.0.0.1@${process.pid}#observer`,
      connect: tcpConnect(),
      clock: systemClock,
      logger: silentLogger,
    })
    this.#producer = new Producer(this.client, { origin: { ip: '127.0.0.1', pid: process.pid, instance: 0 } })
  }

  async createTopic(topic: string, queues: number): Promise<void> {
    await this.client.remoting.invoke(this.#address, 'updateAndCreateTopic', {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    })
  }

  /** Sends messages with these numbers as bodies, each queue in turn; resolves to those a broker has acknowledged. */
  async produce(topic: string, numbers: readonly number[]): Promise<number[]> {
    const acknowledged: number[] = []
    for (const number of numbers) {
      try {
        await this.#producer.send({ topic, body: Buffer.from(String(number)) })
        acknowledged.push(number)
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error
        await sleep(50)
      }
    }
    return acknowledged
  }

  /** The committed offset of each queue of a topic. */
  async committed(group: string, topic: string): Promise<number[]> {
    const queues = (await this.client.routes.get(topic))?.subscribeQueues ?? []
    return Promise.all(queues.map(async (queue) => (await this.client.queueOffsets.committed(group, queue)) ?? 0))
  }

  /** The end of each queue of a topic. */
  async ends(topic: string): Promise<number[]> {
    const queues = (await this.client.routes.get(topic))?.subscribeQueues ?? []
    return Promise.all(queues.map((queue) => this.client.queueOffsets.max(queue)))
  }

  /** Resolves when nobody is a member of a group any more: all its members had sent has been taken. */
  untilNobody(group: string): Promise<void> {
    return this.untilMembers(group, 0)
  }

  /** Resolves when a group has so many members. */
  async untilMembers(group: string, count: number): Promise<void> {
    while ((await this.#members(group)) !== count) await sleep(20)
  }

  async #members(group: string): Promise<number> {
    try {
      const request = { consumerGroup: group }
      const { body } = await this.client.remoting.invoke(this.#address, 'getConsumerListByGroup', request)
      return body.consumerIdList.length
    } catch (error) {
      // The broker answers so when there is none.
      if (error instanceof BrokerResponseError) return 0
      if (error instanceof RocketMQError) return Number.NaN
      throw error
    }
  }

  async close(): Promise<void> {
    await this.client.close()
  }
}
