import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ClientInstance } from '../../src/core/client/index.ts'
import type { ConsumeFromWhere } from '../../src/core/consumer/index.ts'
import type { Producer } from '../../src/core/producer/index.ts'
import { groupConfigShape } from '../../src/core/protocol/bodies/group-config.ts'
import { retryTopic } from '../../src/core/protocol/index.ts'
import { deleteOldFiles, fillLogFile, javaTime, startAgingCluster, storedOffset } from '../support/cluster/aging.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { OurMember } from '../support/cluster/our-member.ts'
import { type Cluster, createTopic, describeCluster, unique } from '../support/cluster.ts'

/** Topics of one queue each, and what a group has committed there. */
const cases = {
  /** All its messages are there: offsets 0 to 3. */
  young: {},
  /** Nothing was ever sent. */
  empty: {},
  /** Offsets 0 to 2 have expired, 3 to 6 are there. */
  aged: {},
  /** Offsets 0 to 2 have expired, and there are no others. */
  expired: {},
  known: { committed: 4 },
  /** What was committed has expired. */
  outdated: { committed: 1 },
  /** More was committed than there ever was. */
  beyond: { committed: 50 },
} as const

type Case = keyof typeof cases | 'retry'
type Firsts = Readonly<Record<Case, number>>

/** Where a group begins: docs/start-positions.md says why. The second half of what is there was sent after the time. */
const wanted: Readonly<Record<'first' | 'last' | 'timestamp', Firsts>> = {
  first: { young: 0, empty: 0, aged: 3, expired: 3, known: 4, outdated: 3, beyond: 7, retry: 3 },
  last: { young: 0, empty: 0, aged: 7, expired: 3, known: 4, outdated: 3, beyond: 7, retry: 3 },
  timestamp: { young: 0, empty: 0, aged: 5, expired: 3, known: 4, outdated: 3, beyond: 7, retry: 7 },
}

const names = Object.keys(cases) as (keyof typeof cases)[]
const froms = ['first', 'last', 'timestamp'] as const

/** A member of a group, of whichever kind, and what it was given. */
interface Consuming {
  readonly kind: string
  readonly from: (typeof froms)[number]
  readonly group: string
  readonly messages: () => readonly { readonly topic: string; readonly offset: number }[]
}

describeCluster('where a group begins', ({ version }) => {
  let cluster: Cluster
  let client: ClientInstance
  let producer: Producer
  const open: (() => Promise<unknown>)[] = []
  const topics = Object.fromEntries(names.map((name) => [name, unique(name)])) as Record<keyof typeof cases, string>
  const groups = froms.flatMap((from) => ['java', 'ours'].map((kind) => ({ from, kind, group: unique(kind) })))
  const retryTopics = groups.map(({ group }) => retryTopic(group))

  beforeAll(async () => {
    cluster = await startAgingCluster(version)
    client = clusterClient(cluster)
    producer = clusterProducer(client)
  })

  afterAll(async () => {
    await Promise.all(open.map((close) => close()))
    await producer.close()
    await client.close()
    await cluster.stop()
  })

  const queueOf = (topic: string) => ({ topic, brokerName: 'broker-a', queueId: 0 })

  /** Sends messages to each topic, and waits until its queue shows them. */
  async function send(to: readonly string[], count: number): Promise<void> {
    for (const topic of to) {
      for (let i = 0; i < count; i++) {
        const { queueOffset } = await producer.send({ topic, body: Buffer.from('x') })
        await vi.waitUntil(async () => (await client.queueOffsets.max(queueOf(topic))) > queueOffset, 30_000)
      }
    }
  }

  /** Topics, groups and their offsets as the cases have them; resolves to a time between two halves of the messages. */
  async function arrange(): Promise<Date> {
    for (const topic of Object.values(topics)) await createTopic(cluster, topic, 1)
    for (const { group } of groups) {
      const body = groupConfigShape.read(new Map([['groupName', group]]), 'group')
      await client.remoting.invoke(cluster.brokerAddress, 'updateAndCreateSubscriptionGroup', { body })
    }
    for (const topic of retryTopics) await createTopic(cluster, topic, 1)
    const { young, empty, expired, ...rest } = topics
    const old = [...Object.values(rest), ...retryTopics]
    await send([...old, expired], 3)
    await fillLogFile(cluster, client, producer)
    await send([...old, young], 2)
    // Times of Java are whole seconds, and a 4.9 broker takes the nearest message: one of the second half.
    const middle = new Date(Math.ceil((Date.now() + 1500) / 1000) * 1000)
    await vi.waitUntil(() => Date.now() > middle.getTime(), { timeout: 5000, interval: 1 })
    await send([...old, young], 2)
    await deleteOldFiles(cluster, async () => {
      const lowest = await Promise.all(old.map((topic) => client.queueOffsets.min(queueOf(topic))))
      return lowest.every((offset) => offset > 0)
    })
    for (const { group } of groups) {
      for (const name of names) {
        const { committed: commitOffset } = cases[name] as { readonly committed?: number }
        if (commitOffset === undefined) continue
        const request = { consumerGroup: group, topic: topics[name], queueId: 0, commitOffset }
        await client.remoting.invoke(cluster.brokerAddress, 'updateConsumerOffset', request)
      }
    }
    await send([empty], 0)
    return middle
  }

  async function join({ from, kind, group }: (typeof groups)[number], middle: Date): Promise<Consuming> {
    const [topic = '', ...others] = Object.values(topics)
    if (kind === 'java') {
      const position = from === 'timestamp' ? javaTime(middle) : from
      const told = ['--group', group, '--topic', [topic, ...others].join(','), '--from', position]
      const peer = await cluster.java('push', told)
      open.push(() => peer.kill())
      return { kind, from, group, messages: () => peer.messages }
    }
    const where: ConsumeFromWhere = from === 'timestamp' ? { from, timestamp: middle.getTime() } : { from }
    const member = await OurMember.join(cluster, { topic, others, group, consumeFromWhere: where })
    open.push(() => member.leave())
    return { kind, from, group, messages: () => member.messages }
  }

  /** Whether a member has come to the end of all its queues, as the broker knows. */
  async function isCaughtUp({ group }: Consuming): Promise<boolean> {
    const all = [...Object.values(topics), retryTopic(group)]
    const left = await Promise.all(
      all.map(async (topic) => {
        const stored = await storedOffset(cluster, group, topic)
        return stored !== (await client.queueOffsets.max(queueOf(topic)))
      }),
    )
    return !left.includes(true)
  }

  const firstOf = (member: Consuming, topic: string): number =>
    Math.min(...member.messages().flatMap((message) => (message.topic === topic ? [message.offset] : [])))

  const firstsOf = (member: Consuming): Firsts => ({
    ...(Object.fromEntries(names.map((name) => [name, firstOf(member, topics[name])])) as Omit<Firsts, 'retry'>),
    retry: firstOf(member, retryTopic(member.group)),
  })

  test('is for each state of a queue where a Java group begins', async () => {
    const middle = await arrange()
    const members = await Promise.all(groups.map((each) => join(each, middle)))
    await vi.waitUntil(async () => !(await Promise.all(members.map(isCaughtUp))).includes(false), {
      timeout: 90_000,
      interval: 500,
    })
    // Where a queue is begun at its end, the next message shows it.
    await send([...Object.values(topics), ...retryTopics], 1)
    await vi.waitUntil(
      () => members.every((member) => Object.values(firstsOf(member)).every((offset) => Number.isFinite(offset))),
      { timeout: 60_000, interval: 100 },
    )

    for (const from of froms) {
      const [java, ours] = ['java', 'ours'].map((kind) => {
        const found = members.find((member) => member.kind === kind && member.from === from)
        return found && firstsOf(found)
      })
      expect({ from, ...ours }).toEqual({ from, ...java })
      expect({ from, ...ours }).toEqual({ from, ...wanted[from] })
    }
  }, 420_000)
})
