import { expect, onTestFinished, test, vi } from 'vitest'
import { RelaySource } from '../../src/core/admin/index.ts'
import type { GroupSnapshot, QueueSnapshot } from '../../src/core/telemetry/index.ts'
import { clusterClient, clusterProducer, shown, untilShown } from '../support/cluster/client.ts'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'
import { mq } from '../support/mq.ts'

const QUEUES = 6
const MESSAGES = 240
/** Consumed and committed before. */
const EARLIER = 60
const PATIENT = { timeout: 60_000, interval: 250 }

/** What mqadmin says of a queue. */
interface Told {
  readonly max: number
  readonly committed: number
  readonly lag: number
}

describeCluster('the dashboard of a group of Java consumers', (cluster) => {
  /** Of `consumerProgress`: topic, broker, queue, broker offset, consumer offset, and the difference further on. */
  function progressOf(stdout: string, topic: string): Map<number, Told> {
    const rows = stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([name]) => name === topic)
    return new Map(
      rows.map(([, , queue, max, committed, ...more]) => {
        const lag = more.map(Number).find((value) => value === Number(max) - Number(committed))
        return [Number(queue), { max: Number(max), committed: Number(committed), lag: lag ?? Number.NaN }]
      }),
    )
  }

  /** Of `consumerStatus -i`: how many messages of each queue a member holds, and from where. */
  function heldOf(stdout: string, topic: string): Map<number, { readonly cached: number; readonly head: number }> {
    const rows = stdout
      .split('\n')
      .filter((line) => line.startsWith(topic) && line.includes('cachedMsgCount='))
      .map((line) => ({
        queue: Number(line.split(/\s+/)[2]),
        cached: Number(/cachedMsgCount=(\d+)/.exec(line)?.[1]),
        head: Number(/cachedMsgMinOffset=(\d+)/.exec(line)?.[1]),
      }))
    return new Map(rows.map(({ queue, cached, head }) => [queue, { cached, head }]))
  }

  test('shows what mqadmin does, and a killed member within one refresh', { timeout: 180_000 }, async () => {
    const [group, topic] = [unique('billing'), unique('orders')]
    await createTopic(cluster, topic, QUEUES)
    const client = clusterClient(cluster)
    onTestFinished(() => client.close())
    const producer = clusterProducer(client)
    const send = async (count: number): Promise<void> => {
      const batch = Array.from({ length: 10 }, () => ({ topic, body: Buffer.from('order') }))
      for (let sent = 0; sent < count; sent += batch.length) await producer.sendBatch(batch)
    }
    // Of what was never committed 5.5 tells nothing.
    await send(EARLIER)
    await untilShown(client, topic, EARLIER)
    const early = [
      'consume',
      topic,
      '-g',
      group,
      '-n',
      cluster.namesrv,
      '--from',
      'first',
      '--until-caught-up',
      '-o',
      'none',
    ]
    expect((await mq(early)).code).toBe(0)
    const before = await shown(client, topic)
    // Busy for longer than the test: figures that stand still can be compared.
    const listening = ['--group', group, '--topic', topic, '--from', 'first', '--sleep', '600000', '--threads', '1']
    const peers: JavaPeer[] = await Promise.all(
      ['one', 'two', 'three'].map((name) => cluster.java('push', [...listening, '--instance', name])),
    )
    onTestFinished(async () => {
      await Promise.all(peers.map((peer) => peer.kill()))
    })
    await Promise.all(peers.map((peer) => peer.until((told) => told.owned(topic).length === 2, 60_000)))
    await send(MESSAGES)
    await producer.close()
    await untilShown(client, topic, before + MESSAGES)

    const source = new RelaySource({ client, groups: [group], cluster: 'test', strategyOf: () => undefined })
    const look = async (): Promise<GroupSnapshot> => (await source.look()).snapshot.groups[0]!
    const ofTopic = (seen: GroupSnapshot): readonly QueueSnapshot[] =>
      seen.queues.filter((queue) => queue.topic === topic)
    const still = async (): Promise<{ seen: GroupSnapshot; waiting: number }> => {
      const seen = await look()
      // More than were sent, when a busy broker was so late that a batch was sent once more.
      const waiting = (await shown(client, topic)) - before
      expect(ofTopic(seen).reduce((sum, { cached }) => sum + (cached ?? 0), 0)).toBe(waiting)
      return { seen, waiting }
    }
    const { seen, waiting } = await vi.waitFor(still, PATIENT)
    const { stdout: progress } = await cluster.mqadmin(['consumerProgress', '-g', group])
    const told = progressOf(progress, topic)

    expect(seen).toMatchObject({
      online: true,
      messageModel: 'CLUSTERING',
      totals: { lag: waiting, cached: waiting },
    })
    expect(seen.clients.map(({ language, limits }) => [language, limits?.count])).toEqual(Array(3).fill(['JAVA', 1000]))
    const owners = ofTopic(seen).flatMap((queue) => queue.owners)
    expect(seen.clients.map(({ clientId }) => owners.filter((owner) => owner === clientId).length)).toEqual([2, 2, 2])
    for (const queue of ofTopic(seen)) {
      const { max, committed, lag, owners } = queue
      expect([queue.queue, { max, committed, lag }]).toEqual([queue.queue, told.get(queue.queue)])
      expect(owners).toHaveLength(1)
    }
    for (const { clientId } of seen.clients) {
      const { stdout } = await cluster.mqadmin(['consumerStatus', '-g', group, '-i', clientId])
      const held = heldOf(stdout, topic)
      const mine = ofTopic(seen).filter(({ owners }) => owners.includes(clientId))
      expect(new Map(mine.map(({ queue, cached, headOffset }) => [queue, { cached, head: headOffset }]))).toEqual(held)
    }

    await peers[0]!.kill()

    await vi.waitFor(async () => {
      expect((await look()).clients).toHaveLength(2)
    }, PATIENT)
    const { stdout, code } = await mq(['dashboard', '-g', group, '-n', cluster.namesrv, '--once', '-o', 'json'])
    expect([code, (JSON.parse(stdout) as { groups: GroupSnapshot[] }).groups[0]?.clients.length]).toEqual([0, 2])
  })

  test('names a member that is stuck or does not answer, and goes on with the others', {
    timeout: 120_000,
  }, async () => {
    const [group, topic] = [unique('frozen'), unique('orders')]
    await createTopic(cluster, topic, 2)
    const client = clusterClient(cluster)
    onTestFinished(() => client.close())
    const peers = await Promise.all(
      ['one', 'two'].map((name) => cluster.java('push', ['--group', group, '--topic', topic, '--instance', name])),
    )
    onTestFinished(async () => {
      await Promise.all(peers.map((peer) => peer.kill()))
    })
    await Promise.all(peers.map((peer) => peer.until((told) => told.owned(topic).length === 1, 60_000)))
    const source = new RelaySource({ client, groups: [group], cluster: 'test', strategyOf: () => undefined })
    await source.look()

    peers[1]!.freeze()
    const { snapshot } = await source.look()

    expect(snapshot.partial).toBe(true)
    expect(snapshot.groups[0]?.clients.map(({ error }) => error).sort()).toEqual(['it does not answer', null])
    const states = snapshot.groups[0]?.queues.filter((queue) => queue.topic === topic).map(({ state }) => state)
    expect(states?.sort()).toEqual(['OK', 'UNKNOWN'])
  })
})
