import { afterEach, expect, test, vi } from 'vitest'
import type { ConsumeConcurrentlyStatus } from '../../src/core/consumer/index.ts'
import { OurMember, type OurMemberOptions, produceBodies } from '../support/cluster/our-member.ts'
import { type Cluster, createTopic, describeCluster, unique } from '../support/cluster.ts'
import { messagesOf, Program } from '../support/program.ts'

const QUEUES = 4
/** The shortest there is: what is popped and not acknowledged comes again after it. */
const INVISIBLE_MS = 5000

const bodiesOf = (count: number, name = 'body'): string[] =>
  Array.from({ length: count }, (_, number) => `${name}-${number}`)
const sorted = (messages: readonly { readonly body: string }[]): string[] => messages.map(({ body }) => body).sort()
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describeCluster('a group that an operator switches to POP', (cluster) => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  if (cluster.version.startsWith('4.')) {
    test('cannot be: a broker of 4.9 knows no POP, and our consumer just pulls', async () => {
      const [topic, group] = [unique('topic'), unique('group')]
      await createTopic(cluster, topic, QUEUES)
      const mine = await OurMember.join(cluster, { topic, group })
      open.push(() => mine.leave())
      await produceBodies(cluster, topic, bodiesOf(40))
      await vi.waitFor(() => expect(sorted(mine.messages)).toEqual(bodiesOf(40).sort()), { timeout: 20_000 })
      expect([mine.owned.length, mine.consumer.popQueues]).toEqual([QUEUES, []])
    })
    return
  }

  const setMode = async (topic: string, group: string, mode: 'POP' | 'PULL'): Promise<void> => {
    const where = ['-b', cluster.brokerAddress, '-t', topic, '-g', group]
    const { stdout } = await cluster.mqadmin(['setConsumeMode', ...where, '-m', mode, '-q', '0'])
    expect(stdout).toContain('success')
  }

  const ours = async (options: OurMemberOptions): Promise<OurMember> => {
    const settings = { popInvisibleTime: INVISIBLE_MS, rebalanceIntervalMs: 1000, ...options }
    const member = await OurMember.join(cluster, settings)
    open.push(() => member.leave())
    return member
  }

  const popping = (member: OurMember): Promise<void> =>
    vi.waitFor(() => expect(member.consumer.popQueues).toHaveLength(1), { timeout: 20_000, interval: 50 })

  const pulling = (member: OurMember): Promise<void> =>
    vi.waitFor(() => expect(member.owned).toHaveLength(QUEUES), { timeout: 40_000, interval: 50 })

  const joined = async (mode: 'POP' | 'PULL', options: Partial<OurMemberOptions> = {}) => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, QUEUES)
    if (mode === 'POP') await setMode(topic, group, mode)
    const member = await ours({ topic, group, ...options })
    await (mode === 'POP' ? popping(member) : pulling(member))
    return { topic, group, member }
  }

  test('consumes each message once, before and after, and when it is switched back', async () => {
    const { topic, group, member } = await joined('PULL')
    const all: string[] = []
    for (const [round, mode] of (['POP', 'PULL', 'POP'] as const).entries()) {
      const bodies = bodiesOf(100, `round-${round}`)
      all.push(...bodies)
      await produceBodies(cluster, topic, bodies.slice(0, 50))
      await setMode(topic, group, mode)
      await produceBodies(cluster, topic, bodies.slice(50))
      await (mode === 'POP' ? popping(member) : pulling(member))
    }
    const last = bodiesOf(100, 'last')
    await produceBodies(cluster, topic, last)
    all.push(...last)

    await vi.waitFor(() => expect(sorted(member.messages)).toEqual(all.sort()), { timeout: 30_000 })
    // None is hidden and comes again.
    await pause(2 * INVISIBLE_MS)
    expect(member.messages).toHaveLength(all.length)
    const { stdout } = await cluster.mqadmin(['consumerStatus', '-g', group, '-i', member.clientId])
    expect(stdout).toContain(group)
  })

  test('gets what a member has popped that was killed, after the invisible time', async () => {
    const { topic, group, member } = await joined('POP')
    await member.leave()
    open.length = 0
    const args = ['--namesrv', cluster.namesrv, '--topic', topic, '--group', group, '--takes', 'never']
    const dying = new Program('consumer', [...args, '--invisible-ms', String(INVISIBLE_MS)])
    open.push(() => dying.kill())
    await dying.until(() => dying.lines.includes('started'))
    await produceBodies(cluster, topic, bodiesOf(10))
    await dying.until(() => messagesOf(dying).length === 10, 60_000)
    await dying.kill()

    const other = await ours({ topic, group })
    await vi.waitFor(() => expect(sorted(other.messages)).toEqual(bodiesOf(10).sort()), { timeout: 40_000 })
    expect(other.messages.map(({ reconsumeTimes, topic: queueTopic }) => [reconsumeTimes, queueTopic])).toEqual(
      Array(10).fill([1, topic]),
    )
  })

  test('does not get what a slow call of a member still has: it is renewed', async () => {
    let end = (): void => undefined
    const ended = new Promise<ConsumeConcurrentlyStatus>((resolve) => {
      end = () => {
        resolve('CONSUME_SUCCESS')
      }
    })
    const { topic, group, member } = await joined('POP', { listener: () => ended })
    await produceBodies(cluster, topic, ['slow'])
    await vi.waitFor(() => expect(member.messages).toHaveLength(1), { timeout: 20_000 })
    const other = await ours({ topic, group })
    await popping(other)
    await pause(4 * INVISIBLE_MS)
    end()
    await pause(2 * INVISIBLE_MS)
    expect([member.messages.length, other.messages.length]).toEqual([1, 0])
  })

  test('gets failed messages again, and finds those that fail too often in the dead letters', async () => {
    const { topic, group, member } = await joined('POP', {
      maxReconsumeTimes: 1,
      listener: ([message]) => (message?.body.toString() === 'body-0' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
    })
    await produceBodies(cluster, topic, bodiesOf(3))
    await vi.waitFor(() => expect(member.messages).toHaveLength(4), { timeout: 40_000 })
    await vi.waitFor(
      async () => {
        const { stdout } = await cluster.mqadmin(['topicStatus', '-t', `%DLQ%${group}`])
        expect(stdout).toMatch(/^broker-a +0 +0 +1 /m)
      },
      { timeout: 20_000 },
    )
  })

  test('shares its messages with a Java member that is assigned its queues by the broker', async () => {
    const { topic, group, member } = await joined('POP')
    const peer = await javaMember(cluster, topic, group)
    open.push(() => peer.kill())
    let count = 0
    const consumed = (): string[] => sorted([...member.messages, ...peer.messages])
    // Both are there when both have got some.
    await vi.waitFor(
      async () => {
        await produceBodies(cluster, topic, bodiesOf(20, `try-${count++}`))
        expect(Math.min(member.messages.length, peer.messages.length)).toBeGreaterThan(20)
      },
      { timeout: 90_000, interval: 500 },
    )
    const all = Array.from({ length: count }, (_, number) => bodiesOf(20, `try-${number}`)).flat()
    await vi.waitFor(() => expect(consumed()).toEqual(all.sort()), { timeout: 30_000 })
  })
})

async function javaMember(cluster: Cluster, topic: string, group: string) {
  return cluster.java('push', ['--topic', topic, '--group', group, '--from', 'first', '--rebalance', 'broker'])
}
