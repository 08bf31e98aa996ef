import { afterEach, expect, test, vi } from 'vitest'
import {
  AllocateMessageQueueAveragely,
  AllocateMessageQueueAveragelyByCircle,
  allocateMessageQueueConsistentHash,
} from '../../src/core/consumer/index.ts'
import { compareText, queueName } from '../../src/core/protocol/index.ts'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'

const QUEUES = 16
const patience = { timeout: 60_000, interval: 100 }

const clientOf = (peer: JavaPeer): string => {
  const started = peer.events.find(({ event }) => event === 'started')
  return started !== undefined && 'client' in started ? (started.client ?? '') : ''
}

describeCluster('members of ours and of Java with one strategy', (cluster) => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  test.each([
    ['average', AllocateMessageQueueAveragely],
    ['circle', AllocateMessageQueueAveragelyByCircle],
    ['hash', allocateMessageQueueConsistentHash()],
  ] as const)(
    'own every queue once by %s, as each of them works out alone, also after a leave',
    async (word, strategy) => {
      const [topic, group] = [unique('topic'), unique('group')]
      await createTopic(cluster, topic, QUEUES)
      const join = async (): Promise<OurMember> => {
        const member = await OurMember.join(cluster, { topic, group, strategy })
        open.push(() => member.leave())
        return member
      }
      const joinJava = async (): Promise<JavaPeer> => {
        const args = ['--topic', topic, '--group', group, '--from', 'first', '--strategy', word]
        const peer = await cluster.java('push', args)
        open.push(() => peer.kill())
        await peer.until(() => clientOf(peer) !== '', 60_000)
        return peer
      }
      const queues = Array.from({ length: QUEUES }, (_, queueId) => ({ topic, brokerName: 'broker-a', queueId }))
      const names = queues.map(queueName).sort()
      const ours = [await join(), await join()]
      const java = await Promise.all([joinJava(), joinJava()])
      const shares = (): Map<string, readonly string[]> =>
        new Map([
          ...ours.map(({ clientId, owned }) => [clientId, owned] as const),
          ...java.map((peer) => [clientOf(peer), [...peer.owned(topic)].sort()] as const),
        ])
      const wanted = (clientIds: readonly string[]): Map<string, readonly string[]> => {
        const sorted = [...clientIds].sort(compareText)
        const share = (clientId: string): string[] =>
          strategy.allocate({ group, clientId, queues, clientIds: sorted }).map(queueName).sort()
        return new Map(clientIds.map((clientId) => [clientId, share(clientId)]))
      }
      const settled = async (): Promise<void> => {
        await vi.waitFor(() => {
          expect(shares()).toEqual(wanted([...shares().keys()]))
        }, patience)
        expect([...shares().values()].flat().sort()).toEqual(names)
      }

      await settled()
      const bodies = Array.from({ length: 160 }, (_, number) => `message-${number}`)
      await produceBodies(cluster, topic, bodies)
      const consumed = () => [...ours, ...java].flatMap(({ messages }) => messages.map(({ body }) => body))
      await vi.waitFor(() => {
        expect(consumed().sort()).toEqual([...bodies].sort())
      }, patience)

      await java.pop()?.stop()
      await settled()
      await ours.pop()?.leave()
      await settled()
    },
  )
})
