import { afterEach, expect, test, vi } from 'vitest'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'
import { mq } from '../support/mq.ts'

const QUEUES = 8
/** Java members on a busy machine lose their connections now and then, and come back. */
const PATIENCE = { timeout: 180_000, interval: 500 }

vi.setConfig({ testTimeout: 400_000 })

interface Shown {
  readonly clients: readonly { clientId: string; language: string; strategy: string }[]
  readonly queues: readonly { topic: string; queue: number; owners: string[] }[]
}

describeCluster('mq rebalance', (cluster) => {
  const peers: JavaPeer[] = []
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.kill()))
  })

  const rebalance = (words: string, ...args: string[]) => mq(['rebalance', words, ...args, '-n', cluster.namesrv])
  const owners = async (group: string, topic: string) => {
    const { stdout } = await rebalance('show', '-g', group, topic, '--json')
    return (JSON.parse(stdout) as Shown).queues.map((queue) => queue.owners.join())
  }

  async function join(group: string, topic: string, strategy: string): Promise<JavaPeer> {
    const args = ['--group', group, '--topic', topic, '--from', 'first', '--strategy', strategy]
    const peer = await cluster.java('push', args)
    peers.push(peer)
    // One after the other: many that start at once miss each other's first heartbeats.
    await peer.until(({ events }) => events.some(({ event }) => event === 'owns'))
    return peer
  }

  test.each([
    ['average', 'average'],
    ['circle', 'circle'],
    ['hash', 'consistent-hash'],
  ])(
    'of Java members sharing by %s shows owners, finds nothing, and plans what they then do',
    async (option, strategy) => {
      const [group, topic] = [unique('rebalance'), unique('rebalance')]
      await createTopic(cluster, topic, QUEUES)
      for (let i = 0; i < 3; i++) await join(group, topic, option)
      const shown = await vi.waitFor(async () => {
        const now = JSON.parse((await rebalance('show', '-g', group, topic, '--json')).stdout) as Shown
        expect(now.queues.filter((queue) => queue.owners.length !== 1)).toEqual([])
        expect(now.clients.map((client) => [client.language, client.strategy])).toEqual(
          Array.from({ length: 3 }, () => ['JAVA', strategy]),
        )
        const { code, stdout } = await rebalance('check', '-g', group, '--json')
        expect([code, stdout]).toEqual([0, expect.stringContaining('"findings": []')])
        return now
      }, PATIENCE)

      const before = shown.queues.map((queue) => queue.owners[0])
      const plans = await Promise.all(
        shown.clients.map(async ({ clientId }) => {
          const { stdout } = await rebalance('plan', '-g', group, topic, '--remove', clientId, '--json')
          const { moves } = JSON.parse(stdout) as { moves: { queue: number; to: string[] }[] }
          return before.map((owner, id) => moves.find(({ queue }) => queue === id)?.to[0] ?? owner)
        }),
      )
      const leaving = peers.find((peer) => peer.owned(topic).length > 0)
      await leaving?.kill()
      await vi.waitFor(async () => {
        const now = await owners(group, topic)
        const gone = shown.clients.findIndex(({ clientId }) => !now.includes(clientId) && before.includes(clientId))
        expect(now).toEqual(plans[gone])
      }, PATIENCE)
    },
  )
})
