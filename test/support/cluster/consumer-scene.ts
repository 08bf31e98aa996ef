import { setTimeout as sleep } from 'node:timers/promises'
import { selectQueue } from '../../../src/core/producer/index.ts'
import { groupConfigShape } from '../../../src/core/protocol/index.ts'
import { deadLetters } from '../dead-letters.ts'
import { clusterClient, clusterProducer, shown, untilShown } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { JavaPeer } from './java-peer.ts'
import { OurMember, produceBodies } from './our-member.ts'
import { createTopic, remotingClient } from './remoting.ts'

/** A group with a topic of its own. */
export interface GroupScene {
  readonly group: string
  readonly topic: string
}

/** What may be wrong with a group, or nothing. */
export type SceneName = 'slow' | 'failing' | 'orderly' | 'stuck' | 'healthy' | 'differ' | 'twins' | 'offline' | 'beyond'

const QUEUES = 4

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i}`)

/** Groups of Java consumers, each with one fault, on a real cluster. Close it. */
export class ConsumerScene {
  readonly #cluster: Cluster
  readonly #nameOf: (name: string) => string
  readonly #open: (() => Promise<unknown>)[] = []
  /** One after the other: many that start at once miss each other's first heartbeats, and wait for half a minute. */
  #starting: Promise<void> = Promise.resolve()

  /** `nameOf` makes names of groups and topics. */
  constructor(cluster: Cluster, nameOf: (name: string) => string) {
    this.#cluster = cluster
    this.#nameOf = nameOf
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((close) => close()))
  }

  /** Brings a group about. Resolves when all has happened that makes it what it is, but for what members tell later. */
  make(name: SceneName): Promise<GroupScene> {
    const makers = {
      slow: () => this.#slow(),
      failing: () => this.#failing(),
      orderly: () => this.#orderly(),
      stuck: () => this.#stuck(),
      healthy: () => this.#healthy(),
      differ: () => this.#differ(),
      twins: () => this.#twins(),
      offline: () => this.#offline(),
      beyond: () => this.#beyond(),
    }
    return makers[name]()
  }

  async #slow(): Promise<GroupScene> {
    const slow = await this.#scene('slow')
    await produceBodies(this.#cluster, slow.topic, many(800))
    await this.#join(slow, '--threads', '1', '--sleep', '300')
    return slow
  }

  async #failing(): Promise<GroupScene> {
    const failing = await this.#scene('failing')
    await this.#sendTo(failing, 0, many(3))
    const peer = await this.#join(failing, '--fail-times', '99', '--max-reconsume', '1')
    const remoting = remotingClient()
    await until(async () => (await deadLetters(remoting, this.#cluster.brokerAddress, failing.group)).length === 3)
    remoting.close()
    await this.#sendTo(failing, 0, many(2))
    await peer.until(({ messages }) => messages.length === 8)
    await peer.stop()
    return failing
  }

  async #orderly(): Promise<GroupScene> {
    const orderly = await this.#scene('orderly')
    await this.#sendTo(orderly, 2, many(3))
    await this.#join(orderly, '--mode', 'orderly', '--fail-times', '1000000')
    return orderly
  }

  async #stuck(): Promise<GroupScene> {
    const stuck = await this.#scene('stuck')
    const peer = await this.#join(stuck, '--threads', '4', '--hang-body', 'poison')
    await this.#sendTo(stuck, 1, ['poison', ...many(10)])
    await produceBodies(this.#cluster, stuck.topic, many(40))
    await peer.until(({ messages }) => messages.length === 51)
    return stuck
  }

  async #healthy(): Promise<GroupScene> {
    const healthy = await this.#scene('healthy')
    await produceBodies(this.#cluster, healthy.topic, many(40))
    await Promise.all([this.#join(healthy), this.#joinToo(healthy)])
    return healthy
  }

  async #differ(): Promise<GroupScene> {
    const differ = await this.#scene('differ')
    await Promise.all([this.#join(differ, '--tags', 'red'), this.#joinToo(differ, { tags: 'blue' })])
    await produceBodies(this.#cluster, differ.topic, many(20), { tags: 'red' })
    return differ
  }

  async #twins(): Promise<GroupScene> {
    const twins = await this.#scene('twins')
    const { events } = await this.#join(twins)
    const clientId = events.flatMap((told) => (told.event === 'started' ? (told.client ?? []) : []))[0] ?? ''
    await this.#joinToo(twins, { clientId })
    return twins
  }

  async #offline(): Promise<GroupScene> {
    const offline = await this.#scene('offline')
    // One for each queue, so that each has a commit.
    for (let queue = 0; queue < QUEUES; queue++) await this.#sendTo(offline, queue, many(1))
    const member = await OurMember.join(this.#cluster, offline)
    await until(() => member.messages.length >= QUEUES)
    await member.untilCommitted()
    await member.leave()
    await produceBodies(this.#cluster, offline.topic, many(12))
    return offline
  }

  async #beyond(): Promise<GroupScene> {
    const beyond = await this.#scene('beyond')
    const { group, topic } = beyond
    const remoting = remotingClient()
    const body = groupConfigShape.read(new Map([['groupName', group]]), 'group')
    await remoting.invoke(this.#cluster.brokerAddress, 'updateAndCreateSubscriptionGroup', { body })
    const queue = { consumerGroup: group, topic, queueId: 3, commitOffset: 1000 }
    await remoting.invoke(this.#cluster.brokerAddress, 'updateConsumerOffset', queue)
    remoting.close()
    return beyond
  }

  async #scene(name: string): Promise<GroupScene> {
    const made = { group: this.#nameOf(name), topic: this.#nameOf(`${name}-topic`) }
    await createTopic(this.#cluster, made.topic, QUEUES)
    return made
  }

  async #join({ group, topic }: GroupScene, ...args: string[]): Promise<JavaPeer> {
    const started = this.#starting.then(async () => {
      const peer = await this.#cluster.java('push', ['--group', group, '--topic', topic, '--from', 'first', ...args])
      this.#open.push(() => peer.kill())
      await peer.until(({ events }) => events.length > 0)
      return peer
    })
    this.#starting = started.then(
      () => undefined,
      () => undefined,
    )
    return started
  }

  /** A consumer of ours in a group with one of Java. */
  async #joinToo({ group, topic }: GroupScene, options: { readonly tags?: string; readonly clientId?: string } = {}) {
    const member = await OurMember.join(this.#cluster, { group, topic, ...options })
    this.#open.push(() => member.leave())
  }

  /** Sends bodies to one queue, and resolves when it shows them. */
  async #sendTo({ topic }: GroupScene, queue: number, bodies: readonly string[]): Promise<void> {
    const client = clusterClient(this.#cluster)
    const producer = clusterProducer(client)
    const before = await shown(client, topic)
    for (const body of bodies) {
      await producer.send({ topic, body: Buffer.from(body) }, { selector: selectQueue('broker-a', queue) })
    }
    await untilShown(client, topic, before + bodies.length)
    await producer.close()
    await client.close()
  }

  /** Sends a message five times a second to a queue. */
  async sendUntil({ topic }: GroupScene, queue: number, signal: AbortSignal): Promise<void> {
    const client = clusterClient(this.#cluster)
    const producer = clusterProducer(client)
    while (!signal.aborted) {
      await producer.send({ topic, body: Buffer.from('flows') }, { selector: selectQueue('broker-a', queue) })
      await sleep(200)
    }
    await producer.close()
    await client.close()
  }
}

/** Resolves when a condition holds; whoever waits has a limit of its own. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(200)
}
