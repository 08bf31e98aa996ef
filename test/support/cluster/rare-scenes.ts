import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { type Producer, selectQueue } from '../../../src/core/producer/index.ts'
import { groupConfigShape } from '../../../src/core/protocol/index.ts'
import { clusterClient, clusterProducer, shown, untilShown } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { GroupScene } from './consumer-scene.ts'
import type { JavaPeer } from './java-peer.ts'
import { OurMember, type OurMemberOptions } from './our-member.ts'
import { createTopic } from './remoting.ts'

/** Makes groups on a real cluster, each with a topic and members of its own. Close it. */
export class GroupMaker {
  readonly client: ClientInstance
  readonly producer: Producer
  readonly #cluster: Cluster
  readonly #nameOf: (name: string) => string
  readonly #open: (() => Promise<unknown>)[] = []

  /** `nameOf` makes names of groups and topics. */
  constructor(cluster: Cluster, nameOf: (name: string) => string) {
    this.#cluster = cluster
    this.#nameOf = nameOf
    this.client = clusterClient(cluster)
    this.producer = clusterProducer(this.client)
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((close) => close()))
    await this.producer.close()
    await this.client.close()
  }

  async scene(name: string, queues = 2): Promise<GroupScene> {
    const made = { group: this.#nameOf(name), topic: this.#nameOf(`${name}-topic`) }
    await createTopic(this.#cluster, made.topic, queues)
    return made
  }

  /** Makes a group nobody is in. */
  async configure({ group }: GroupScene): Promise<void> {
    const body = groupConfigShape.read(new Map([['groupName', group]]), 'group')
    await this.client.remoting.invoke(this.#cluster.brokerAddress, 'updateAndCreateSubscriptionGroup', { body })
  }

  async commit({ group, topic }: GroupScene, queueId: number, commitOffset: number): Promise<void> {
    const request = { consumerGroup: group, topic, queueId, commitOffset }
    await this.client.remoting.invoke(this.#cluster.brokerAddress, 'updateConsumerOffset', request)
  }

  /** Sends bodies to one queue, and resolves when it shows them. */
  async send({ topic }: Pick<GroupScene, 'topic'>, queue: number, bodies: readonly string[]): Promise<void> {
    const before = await shown(this.client, topic)
    for (const body of bodies) {
      await this.producer.send({ topic, body: Buffer.from(body) }, { selector: selectQueue('broker-a', queue) })
    }
    await untilShown(this.client, topic, before + bodies.length)
  }

  async join(one: GroupScene, options: Partial<OurMemberOptions> = {}): Promise<OurMember> {
    const member = await OurMember.join(this.#cluster, { ...one, ...options })
    this.#open.push(() => member.leave())
    return member
  }

  /** A Java consumer that holds its share. */
  async joinJava({ group, topic }: GroupScene, ...args: readonly string[]): Promise<JavaPeer> {
    const peer = await this.#cluster.java('push', ['--group', group, '--topic', topic, '--from', 'first', ...args])
    this.#open.push(() => peer.kill())
    await peer.until(() => peer.owned(topic).length > 0, 120_000)
    return peer
  }
}

/** Does something five times a second until told to stop. Rejects with what it fails with. */
export async function again(work: (time: number) => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let time = 0; !signal.aborted; time++) {
    await work(time)
    await sleep(200)
  }
}
