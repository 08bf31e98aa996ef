import { expect, onTestFinished, test, vi } from 'vitest'
import { clusterClient, clusterProducer, shown, untilShown } from '../support/cluster/client.ts'
import { OurMember } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'
import { Gate } from '../support/gate.ts'

const QUEUES = 4
const QUEUE_IDS = Array.from({ length: QUEUES }, (_, id) => id)

describeCluster('a group that is reset by mqadmin while it consumes', (cluster) => {
  const client = clusterClient(cluster)
  const producer = clusterProducer(client)

  /** As many messages in each queue; resolves to the time the first of them was sent. */
  async function send(topic: string, body: string, each: number): Promise<number> {
    const before = await shown(client, topic)
    const at = Date.now()
    for (let i = 0; i < each * QUEUES; i++) {
      await producer.send({ topic, body: Buffer.from(body) }, { selector: (queues) => queues[i % QUEUES] })
    }
    await untilShown(client, topic, before + each * QUEUES)
    return at
  }

  const queueOf = (topic: string, queueId: number) => ({ topic, brokerName: 'broker-a', queueId })
  const ends = (topic: string) =>
    Promise.all(QUEUE_IDS.map((queueId) => client.queueOffsets.max(queueOf(topic, queueId))))
  const committed = (topic: string, group: string) =>
    Promise.all(QUEUE_IDS.map((queueId) => client.queueOffsets.committed(group, queueOf(topic, queueId))))

  /** Asks for a reset to a time; resolves to what mqadmin says it has told, by queue id. */
  async function reset(topic: string, group: string, time: number): Promise<number[]> {
    const { stdout, stderr } = await cluster.mqadmin(['resetOffsetByTime', '-g', group, '-t', topic, '-s', `${time}`])
    const told = [...stdout.matchAll(/^broker-a\s+(\d+)\s+(\d+)\s*$/gm)].map(([, id, offset]) => [
      Number(id),
      Number(offset),
    ])
    const targets = QUEUE_IDS.map((queueId) => told.find(([id]) => id === queueId)?.[1] ?? -1)
    expect(targets, stdout + stderr).not.toContain(-1)
    return targets
  }

  test('goes on where that says: what was running does not count, and nothing is committed over it', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    const [running, again] = [new Gate(), new Gate()]
    let wasReset = false
    const member = await OurMember.join(cluster, {
      ...{ topic, group, concurrency: 64, persistConsumerOffsetIntervalMs: 200 },
      listener: async (messages) => {
        if (wasReset) await again.opened
        else if (messages[0]?.body.toString() === 'running') await running.opened
        return 'CONSUME_SUCCESS' as const
      },
    })
    onTestFinished(() => {
      running.open()
      again.open()
      return member.leave()
    })
    await send(topic, 'early', 6)
    // A 4.9 broker takes the message nearest to a time.
    await vi.waitUntil(() => member.messages.length === 6 * QUEUES, { timeout: 30_000 })
    const pause = Date.now() + 2000
    await vi.waitUntil(() => Date.now() > pause, { timeout: 5000 })
    const time = await send(topic, 'late', 5)
    const done = await ends(topic)
    expect(done).toEqual([11, 11, 11, 11])
    await vi.waitFor(async () => expect(await committed(topic, group)).toEqual(done), { timeout: 30_000 })
    await send(topic, 'running', 1)
    await vi.waitUntil(() => member.messages.length === 12 * QUEUES, { timeout: 30_000 })

    const before = member.messages.length
    wasReset = true
    const targets = await reset(topic, group, time)
    expect(targets).toEqual([6, 6, 6, 6])
    const consumedAgain = () => member.messages.slice(before)
    const isThere = (queue: number) => consumedAgain().some((each) => each.queue === queue && each.offset === 6)
    // A broker answers a pull that it holds only when its time is over.
    await vi.waitUntil(() => QUEUE_IDS.every(isThere), { timeout: 40_000 })
    await vi.waitFor(async () => expect(await committed(topic, group)).toEqual(targets), { timeout: 60_000 })
    running.open()
    for (let look = 0; look < 10; look++) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await committed(topic, group)).toEqual(targets)
    }

    again.open()
    await vi.waitFor(async () => expect(await committed(topic, group)).toEqual([12, 12, 12, 12]), { timeout: 30_000 })
    for (const queueId of QUEUE_IDS) {
      const offsets = consumedAgain()
        .filter(({ queue }) => queue === queueId)
        .map(({ offset }) => offset)
      expect(offsets.sort((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11])
    }
  }, 180_000)
})
