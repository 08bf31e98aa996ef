import { afterEach, expect, test, vi } from 'vitest'
import { OurMember } from '../support/cluster/our-member.ts'
import {
  createTopic,
  describeServedBroker,
  type JavaPeer,
  type PeerSent,
  remotingClient,
  type ServedBroker,
  unique,
} from '../support/cluster.ts'
import { deadLetters } from '../support/dead-letters.ts'

const QUEUES = 8
const all = Array.from({ length: QUEUES }, (_, id) => `broker-a:${id}`)
const PATIENT_MS = 60_000

/** Java clients at a broker, ended after each test. */
class Clients {
  readonly #broker: ServedBroker
  readonly #open: (() => Promise<unknown>)[] = []

  constructor(broker: ServedBroker) {
    this.#broker = broker
  }

  /** Runs a producer to its end; rejects when a message was refused. */
  async produce(topic: string, ...flags: string[]): Promise<PeerSent[]> {
    const producer = await this.#broker.java('produce', ['--topic', topic, ...flags])
    this.#open.push(() => producer.kill())
    expect(await producer.exited, JSON.stringify(producer.events.slice(-3))).toBe(0)
    return producer.sent
  }

  async push(topic: string, group: string, ...flags: string[]): Promise<JavaPeer> {
    const peer = await this.#broker.java('push', ['--topic', topic, '--group', group, '--from', 'first', ...flags])
    this.#open.push(() => peer.kill())
    return peer
  }

  async ours(topic: string, group: string): Promise<OurMember> {
    const member = await OurMember.join(this.#broker, { topic, group })
    this.#open.push(() => member.leave())
    return member
  }

  async end(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((close) => close()))
  }
}

const ids = (messages: readonly { readonly msgId: string }[]) => messages.map(({ msgId }) => msgId).sort()
const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body).sort()
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`).sort()

describeServedBroker('consuming and producing at the embedded broker', (broker) => {
  const remoting = remotingClient()
  const clients = new Clients(broker)
  afterEach(() => clients.end())

  async function topicWith(queues: number): Promise<string> {
    const topic = unique('topic')
    await createTopic(broker, topic, queues)
    return topic
  }

  test('the quick start works: each message comes once, and to a second run of the group nothing', async () => {
    const [topic, group] = [await topicWith(QUEUES), unique('group')]
    const sent = await clients.produce(topic, '--count', '80', '--prop', 'colour=red "1"')
    const first = await clients.push(topic, group)
    await first.until(({ messages }) => messages.length >= 80, PATIENT_MS)
    await first.stop()
    // One for each queue, to know when the second run has seen all there is.
    const later = await clients.produce(topic, '--count', String(QUEUES))
    const second = await clients.push(topic, group)
    await second.until(({ messages }) => messages.length >= QUEUES, PATIENT_MS)

    expect(new Set(later.map(({ queue }) => queue)).size).toBe(QUEUES)
    expect(ids(first.messages)).toEqual(ids(sent))
    expect(ids(second.messages)).toEqual(ids(later))
    expect(first.messages[0]?.properties).toMatchObject({ colour: 'red "1"', CLUSTER: 'DefaultCluster' })
  })

  test('a topic nobody has made is made by the first send, with four queues; batches come whole', async () => {
    const [topic, group] = [unique('made'), unique('group')]
    const sent = await clients.produce(topic, '--count', '30', '--batch', '10', '--tags', 'b')
    const peer = await clients.push(topic, group, '--tags', 'a || b')
    await peer.until(({ messages }) => messages.length >= 30, PATIENT_MS)

    const { body: route } = await remoting.invoke(broker.namesrv, 'getRouteInfoByTopic', { topic })
    expect(route.queueDatas).toMatchObject([{ readQueueNums: 4, writeQueueNums: 4, perm: 6 }])
    expect(sent.map(({ offsetMsgId }) => offsetMsgId.split(',').length)).toEqual([10, 10, 10])
    expect(bodies(peer.messages)).toEqual(numbered('message-', 30))
  })

  test('delayed messages come when they are due, those of other tags not at all', async () => {
    const [topic, group] = [await topicWith(1), unique('group')]
    const peer = await clients.push(topic, group, '--tags', 'late')
    await peer.until(() => peer.owned(topic).length === 1, PATIENT_MS)
    const producing = Date.now()
    const [other, late] = await Promise.all([
      clients.produce(topic, '--tags', 'other'),
      clients.produce(topic, '--tags', 'late', '--count', '3', '--delay-level', '2'),
    ])
    await peer.until(({ messages }) => messages.length >= 3, PATIENT_MS)

    expect(other).toHaveLength(1)
    expect(ids(peer.messages)).toEqual(ids(late))
    // Level 2 is 5 s.
    const arrivals = peer.events.filter(({ event }) => event === 'message').map(({ at }) => at - producing)
    expect(Math.min(...arrivals)).toBeGreaterThanOrEqual(5000)
  })

  test('two members share the queues; when one is killed the other takes its queues over', async () => {
    const [topic, group] = [await topicWith(QUEUES), unique('group')]
    const [one, two] = await Promise.all([clients.push(topic, group), clients.push(topic, group)])
    const shares = () => [one.owned(topic), two.owned(topic)].sort()
    await vi.waitFor(() => expect(shares()).toEqual([all.slice(0, 4), all.slice(4)]), { timeout: PATIENT_MS })
    await clients.produce(topic, '--count', '40', '--body', 'before-')
    const consumed = () => [...one.messages, ...two.messages]
    await vi.waitFor(() => expect(consumed().length).toBeGreaterThanOrEqual(40), { timeout: PATIENT_MS })
    expect(bodies(consumed())).toEqual(numbered('before-', 40))
    expect([one.messages.length, two.messages.length]).toEqual([20, 20])

    await one.kill()
    await two.until(() => two.owned(topic).length === QUEUES)
    await clients.produce(topic, '--count', '16', '--body', 'after-')
    const after = () => two.messages.filter(({ body }) => body.startsWith('after-'))
    await two.until(() => after().length >= 16, PATIENT_MS)

    expect(two.owned(topic)).toEqual(all)
    expect(bodies(after())).toEqual(numbered('after-', 16))
  })

  test('what fails comes again after its delay, counted; what fails for good is a dead letter once', async () => {
    const topic = await topicWith(2)
    const [recovering, failing] = [unique('recovering'), unique('failing')]
    // Their members make these with their first heartbeat, after they have asked for the route; they ask again only 30 s later.
    for (const group of [recovering, failing]) await createTopic(broker, `%RETRY%${group}`, 1)
    const [once, always] = await Promise.all([
      clients.push(topic, recovering, '--fail-times', '1'),
      clients.push(topic, failing, '--fail-times', '9', '--max-reconsume', '2', '--delay-level', '1'),
    ])
    const [sent] = await clients.produce(topic, '--count', '1')
    await once.until(({ messages }) => messages.length >= 2, PATIENT_MS)
    const dead = () => deadLetters(remoting, broker.brokerAddress, failing)
    await vi.waitFor(async () => expect(await dead()).toHaveLength(1), { timeout: PATIENT_MS, interval: 200 })

    const seen = (peer: JavaPeer) => peer.messages.map((message) => [message.msgId, message.reconsumeTimes])
    expect(seen(once)).toEqual([0, 1].map((times) => [sent?.msgId, times]))
    expect(seen(always)).toEqual([0, 1, 2].map((times) => [sent?.msgId, times]))
    // The first retry is level 3, 10 s; the other group has asked for level 1, 1 s.
    const [first = 0, second = 0] = once.events.filter(({ event }) => event === 'message').map(({ at }) => at)
    expect(second - first).toBeGreaterThanOrEqual(9900)
    const [early = 0, , third = 0] = always.events.filter(({ event }) => event === 'message').map(({ at }) => at)
    expect(third - early).toBeGreaterThanOrEqual(1900)
    expect(await dead()).toEqual([{ body: 'message-0', reconsumeTimes: 3 }])
  })

  test('an orderly member locks its queues, takes each in order, and lets go of them when it stops', async () => {
    const [topic, group] = [await topicWith(4), unique('group')]
    const mqSet = [0, 1, 2, 3].map((queueId) => ({ topic, brokerName: 'broker-a', queueId }))
    const free = async () => {
      const lock = { clientId: 'stranger', consumerGroup: group, mqSet, onlyThisBroker: false }
      return (await remoting.invoke(broker.brokerAddress, 'lockBatchMq', { body: lock })).body.lockOKMQSet.length
    }
    const peer = await clients.push(topic, group, '--mode', 'orderly', '--fail-times', '1')
    const sent = await clients.produce(topic, '--count', '12', '--shards', '4')
    await peer.until(({ messages }) => messages.length >= 24, PATIENT_MS)
    const freeBefore = await free()
    await peer.stop()

    expect(freeBefore).toBe(0)
    await vi.waitFor(async () => expect(await free()).toBe(4), { timeout: 30_000 })
    for (const queue of new Set(sent.map((message) => message.queue))) {
      // Each fails once and is tried again before the next.
      const expected = sent.filter((message) => message.queue === queue).flatMap(({ msgId }) => [msgId, msgId])
      expect(peer.messages.filter((message) => message.queue === queue).map(({ msgId }) => msgId)).toEqual(expected)
    }
  })

  test('in broadcast each member gets every message', async () => {
    const [topic, group] = [await topicWith(2), unique('group')]
    const members = await Promise.all([1, 2].map(() => clients.push(topic, group, '--mode', 'broadcast')))
    for (const member of members) await member.until(() => member.owned(topic).length === 2, PATIENT_MS)
    const sent = await clients.produce(topic, '--count', '20')
    for (const member of members) {
      await member.until(({ messages }) => messages.length >= 20, PATIENT_MS)
      expect(ids(member.messages)).toEqual(ids(sent))
    }
  })

  test('a Java member and one of ours own each queue exactly once between them, before and after one leaves', async () => {
    const [topic, group] = [await topicWith(QUEUES), unique('group')]
    const mine = await clients.ours(topic, group)
    const peer = await clients.push(topic, group)
    const shares = () => [mine.owned, [...peer.owned(topic)]].sort()
    await vi.waitFor(() => expect(shares()).toEqual([all.slice(0, 4), all.slice(4)]), { timeout: PATIENT_MS })
    await clients.produce(topic, '--count', '40')
    const consumed = () => [...mine.messages, ...peer.messages]
    await vi.waitFor(() => expect(consumed().length).toBeGreaterThanOrEqual(40), { timeout: PATIENT_MS })
    expect(bodies(consumed())).toEqual(numbered('message-', 40))
    expect([mine.messages.length, peer.messages.length]).toEqual([20, 20])

    await peer.stop()
    await vi.waitFor(() => expect(mine.owned).toEqual(all), { timeout: PATIENT_MS })
  })
})
