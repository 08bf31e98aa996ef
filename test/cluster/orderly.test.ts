import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clusterClient } from '../support/cluster/client.ts'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'
import { deadLetters } from '../support/dead-letters.ts'
import { checkOrder, type Delivery, readBody } from '../support/order-checker.ts'
import { OrderedProducer } from '../support/ordered-producer.ts'
import { deliveriesOf, Program } from '../support/program.ts'

const QUEUES = 8
const KEYS = 100

describeCluster('orderly consumers', (cluster) => {
  let topic: string
  let group: string
  let client: ReturnType<typeof clusterClient>
  let producer: OrderedProducer
  let ours: Map<string, Program>
  let javas: Map<string, JavaPeer>

  beforeEach(async () => {
    topic = unique('orderly')
    group = unique('group')
    await createTopic(cluster, topic, QUEUES)
    client = clusterClient(cluster)
    producer = new OrderedProducer(client, { topic, keys: KEYS })
    ours = new Map()
    javas = new Map()
  })

  afterEach(async () => {
    await Promise.all([...ours.values(), ...javas.values()].map((member) => member.kill()))
    await producer.close()
    await client.close()
  })

  async function join(name: string, ...flags: string[]): Promise<Program> {
    const at = ['--namesrv', cluster.namesrv, '--topic', topic, '--group', group]
    const program = new Program('consumer', [...at, '--orderly', '--takes', '1', ...flags])
    ours.set(name, program)
    await program.until(() => program.lines.includes('started'))
    return program
  }

  async function joinJava(name: string, ...flags: string[]): Promise<JavaPeer> {
    const settings = ['--mode', 'orderly', '--from', 'first', '--sleep', '1', '--threads', '8']
    const peer = await cluster.java('push', ['--group', group, '--topic', topic, ...settings, ...flags])
    javas.set(name, peer)
    await peer.until((told) => told.events.some(({ event }) => event === 'started'))
    return peer
  }

  const deliveries = (): Delivery[] => [
    ...deliveriesOf(ours, topic),
    ...[...javas].flatMap(([member, { events }]) =>
      events.flatMap((told) =>
        told.event === 'message' && told.topic === topic
          ? [{ member, queue: String(told.queue), offset: told.offset, at: told.at * 1000, ...readBody(told.body) }]
          : [],
      ),
    ),
  ]

  const verdict = (mayLose: readonly string[]) =>
    checkOrder(deliveries(), { produced: producer.produced, mayLose: new Set(mayLose) })

  async function consumed(): Promise<void> {
    const deadline = performance.now() + 90_000
    while (verdict([]).distinct < producer.sent) {
      if (performance.now() > deadline) throw new Error(`not consumed: ${JSON.stringify(verdict([]))}`)
      await sleep(300)
    }
  }

  const inOrder = { skips: [], stale: [], missing: [] }

  test('of ours and of Java keep each key in order while members join, end and are killed', async () => {
    const [ends, dies, java] = [await join('ends'), await join('dies'), await joinJava('java')]
    await producer.send(2000)
    await dies.until(() => deliveriesOf(ours, topic).length > 200)
    // What it held stays locked for a minute, in which the rest goes on.
    await dies.kill()
    await producer.send(1000)
    await join('joins')
    await producer.send(1000)
    expect(await ends.stop()).toBe(0)
    await java.until(({ messages }) => messages.length > 0)
    await producer.send(1000)
    await java.stop()
    await producer.send(1000)
    await consumed()
    expect(await ours.get('joins')?.stop()).toBe(0)

    // Java unlocks before it stores its offset, so that what it did comes again after it has left or given up a queue.
    expect(verdict(['dies', 'java'])).toMatchObject({ ...inOrder, distinct: 6000 })
  }, 240_000)

  test('that are stopped for longer than the broker keeps their locks take no further step with them', async () => {
    const [stops] = [await join('stops'), await join('stays')]
    await producer.send(3000)
    await consumed()
    await producer.send(1000)
    stops.freeze()
    await join('joins')
    for (let second = 0; second < 70; second++) {
      await sleep(1000)
      await producer.send(20)
    }
    const byOthers = deliveries()
      .slice(0)
      .filter(({ member }) => member !== 'stops').length
    expect(byOthers).toBeGreaterThan(0)
    stops.thaw()
    await producer.send(1000)
    await consumed()
    for (const member of ours.values()) expect(await member.stop()).toBe(0)

    expect(verdict(['stops'])).toMatchObject({ ...inOrder, distinct: 6400 })
    const queues = (await client.routes.get(topic))?.subscribeQueues ?? []
    for (const queue of queues) {
      expect(await client.queueOffsets.committed(group, queue)).toBe(await client.queueOffsets.max(queue))
    }
  }, 240_000)

  test('make a message that fails too often a dead letter at once, and go on after it', async () => {
    await producer.send(100)
    await join('fails', '--fail-times', '99', '--max-reconsume', '1', '--fail-body', 'key-7#0')
    await consumed()
    const letters = async () => deadLetters(client.remoting, cluster.brokerAddress, group)
    while ((await letters()).length === 0) await sleep(200)

    expect(await letters()).toEqual([{ body: 'key-7#0', reconsumeTimes: 2 }])
    expect(deliveries().filter(({ key }) => key === 'key-7')).toHaveLength(2)
  })

  test('show the admin tool what they hold: in order, locked', async () => {
    const member = await join('shown')
    await member.until(() => member.lines.includes('started'))
    const { stdout: list } = await cluster.mqadmin(['consumerConnection', '-g', group])
    const [clientId = ''] = /127\.0\.0\.1@\d+#\S+/.exec(list) ?? []
    await vi.waitFor(
      async () => {
        const { stdout } = await cluster.mqadmin(['consumerStatus', '-g', group, '-i', clientId])
        expect(stdout).toMatch(/PROP_CONSUMEORDERLY\s*[=:]\s*true/)
        const held = stdout.split('\n').filter((line) => line.startsWith(topic) && line.includes('ProcessQueueInfo'))
        expect(held).toHaveLength(QUEUES)
        for (const line of held) expect(line).toMatch(/locked=true.* lastLockTimestamp=20\d{15}/)
      },
      { timeout: 60_000 },
    )
  })
})
