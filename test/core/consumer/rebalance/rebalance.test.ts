import { describe, expect, it } from 'vitest'
import { AllocateMessageQueueAveragely, type Allocation } from '../../../../src/core/consumer/index.ts'
import { Handover } from '../../../../src/core/consumer/rebalance/handover.ts'
import { Rebalance, type RebalanceParts } from '../../../../src/core/consumer/rebalance/rebalance.ts'
import { compareQueues, type MessageQueue, queueKey, queueName } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const signal = new AbortController().signal

function queues(topic: string, count: number): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic, brokerName: 'broker-a', queueId }))
}

function setUp(parts: Partial<RebalanceParts> = {}) {
  const routes = new Map<string, MessageQueue[]>([['orders', queues('orders', 4)]])
  let members: readonly string[] | undefined = ['me']
  const held = new Map<string, { messageQueue: MessageQueue; releasing: boolean; stalled: boolean }>()
  const told: string[] = []
  const rebalance = new Rebalance({
    group: 'g',
    clientId: 'me',
    strategy: AllocateMessageQueueAveragely,
    logger: silentLogger,
    topics: () => ['orders', '%RETRY%g'],
    queuesOf: async (topic) => routes.get(topic),
    membersOf: async () => members,
    notListed: async () => {
      told.push('not listed')
    },
    held: () => [...held.values()],
    release: (queue) => {
      told.push(`release ${queueName(queue)}`)
      const entry = held.get(queueKey(queue))
      if (entry) entry.releasing = true
    },
    acquire: async (queue) => {
      told.push(`acquire ${queueName(queue)}`)
      held.set(queueKey(queue), { messageQueue: queue, releasing: false, stalled: false })
      return true
    },
    changed: async (topic, all, assigned) => {
      told.push(`changed ${topic}: ${assigned.length} of ${all.length}`)
    },
    ...parts,
  })
  const owned = () =>
    [...held.values()]
      .filter(({ releasing }) => !releasing)
      .map(({ messageQueue }) => messageQueue)
      .sort(compareQueues)
      .map(({ queueId }) => queueId)
  return {
    held,
    told,
    routes,
    owned,
    pass: async () => {
      told.length = 0
      return rebalance.run(signal)
    },
    setMembers: (listed: readonly string[] | undefined) => {
      members = listed
    },
    forget: (queueId: number) => held.delete(queueKey({ topic: 'orders', brokerName: 'broker-a', queueId })),
    entry: (queueId: number) => held.get(queueKey({ topic: 'orders', brokerName: 'broker-a', queueId })),
  }
}

describe('a rebalance pass', () => {
  it('takes its whole share and says so, and does nothing when it holds it', async () => {
    const { pass, told, owned } = setUp()

    expect(await pass()).toBe('complete')
    expect(owned()).toEqual([0, 1, 2, 3])
    expect(told.at(-1)).toBe('changed orders: 4 of 4')
    expect(await pass()).toBe('complete')
    expect(told).toEqual([])
  })

  it('shares by the sorted ids, whatever order the broker lists them in', async () => {
    const { pass, owned, setMembers } = setUp()
    setMembers(['zoe', 'me', 'abe'])

    await pass()

    expect(owned()).toEqual([2])
  })

  it('gives up what is not its share any more', async () => {
    const { pass, told, owned, setMembers } = setUp()
    await pass()
    setMembers(['me', 'you'])

    expect(await pass()).toBe('complete')

    expect(owned()).toEqual([0, 1])
    expect(told).toEqual(['release broker-a:2', 'release broker-a:3', 'changed orders: 2 of 4'])
  })

  it('does not take a queue again that is still being given up: the share is then incomplete', async () => {
    const { pass, told, owned, setMembers, forget } = setUp()
    await pass()
    setMembers(['me', 'you'])
    await pass()
    setMembers(['me'])

    expect(await pass()).toBe('incomplete')
    expect(told).toEqual([])
    expect(owned()).toEqual([0, 1])

    forget(2)
    forget(3)
    expect(await pass()).toBe('complete')
    expect(owned()).toEqual([0, 1, 2, 3])
  })

  it('takes a queue anew whose pull loop has died', async () => {
    const { pass, told, entry, forget } = setUp()
    await pass()
    const dead = entry(1)
    if (dead) dead.stalled = true

    expect(await pass()).toBe('incomplete')
    expect(told).toEqual(['release broker-a:1', 'changed orders: 4 of 4'])
    forget(1)
    expect(await pass()).toBe('complete')
    expect(entry(1)?.releasing).toBe(false)
  })

  it('changes nothing and is incomplete when no broker lists the members', async () => {
    const { pass, told, owned, setMembers } = setUp()
    await pass()
    setMembers(undefined)

    expect(await pass()).toBe('incomplete')

    expect(told).toEqual([])
    expect(owned()).toEqual([0, 1, 2, 3])
  })

  it('holds nothing while the brokers do not list it, and announces itself again', async () => {
    const { pass, told, owned, setMembers } = setUp()
    await pass()
    setMembers(['you'])

    expect(await pass()).toBe('incomplete')

    expect(owned()).toEqual([])
    expect(told.at(-1)).toBe('not listed')
  })

  it('is neither complete nor to be hurried while nobody knows the queues of a topic', async () => {
    const { pass, told, routes } = setUp()
    routes.clear()

    expect(await pass()).toBe('unknown')
    expect(told).toEqual([])
  })

  it('does without a retry topic until there is one', async () => {
    const { pass, routes, held } = setUp()
    expect(await pass()).toBe('complete')
    routes.set('%RETRY%g', queues('%RETRY%g', 1))

    await pass()

    expect([...held.values()].map(({ messageQueue }) => messageQueue.topic)).toContain('%RETRY%g')
  })

  it('goes on with the other queues and topics when one cannot be taken', async () => {
    const taken: string[] = []
    const { pass, routes } = setUp({
      acquire: async (queue) => {
        if (queue.queueId === 1 && queue.topic === 'orders') throw new Error('no answer')
        if (queue.queueId === 2) return false
        taken.push(`${queue.topic} ${queueName(queue)}`)
        return true
      },
    })
    routes.set('%RETRY%g', queues('%RETRY%g', 1))

    expect(await pass()).toBe('incomplete')

    expect(taken).toEqual(['orders broker-a:0', 'orders broker-a:3', '%RETRY%g broker-a:0'])
  })

  it('goes on with the other topics when one fails, and is incomplete', async () => {
    const { pass, told, routes } = setUp({
      queuesOf: async (topic) => {
        if (topic === 'orders') throw new Error('no name server')
        return queues(topic, 1)
      },
    })
    routes.clear()

    expect(await pass()).toBe('incomplete')
    expect(told).toContain('acquire broker-a:0')
  })

  it.each<[string, () => unknown]>([
    [
      'fails',
      () => {
        throw new Error('no idea')
      },
    ],
    ['gives no list', () => undefined],
    ['answers later', () => Promise.resolve([])],
    ['gives a queue of another topic', () => [{ topic: 'payments', brokerName: 'broker-a', queueId: 0 }]],
    ['gives something else', () => ['broker-a:0']],
    ['gives a queue twice', () => [...queues('orders', 1), ...queues('orders', 1)]],
  ])('changes nothing, says so and is incomplete while its strategy %s', async (_, broken) => {
    const warnings: string[] = []
    let allocate: (() => unknown) | undefined
    const strategy = {
      name: 'MINE',
      allocate: (allocation: Allocation) =>
        (allocate?.() ?? AllocateMessageQueueAveragely.allocate(allocation)) as readonly MessageQueue[],
    }
    const logger = { ...silentLogger, warn: (text: string) => warnings.push(text) }
    const { pass, owned, told } = setUp({ strategy, logger })
    await pass()

    allocate = () => broken() ?? 'nothing'
    expect(await pass()).toBe('incomplete')

    expect(owned()).toEqual([0, 1, 2, 3])
    expect(told).toEqual([])
    expect(warnings).toEqual([
      expect.stringMatching(/rebalance of orders in g failed: .*the strategy MINE (gave|failed)/),
    ])
    allocate = undefined
    expect(await pass()).toBe('complete')
  })

  it('leaves a queue to its old owner for as long as the handover says, and takes the others meanwhile', async () => {
    const clock = new VirtualClock()
    const handover = new Handover({
      group: 'g',
      clientId: 'me',
      strategy: AllocateMessageQueueAveragely,
      clock,
      logger: silentLogger,
      handoverMs: 500,
    })
    const { pass, told, owned, setMembers } = setUp({ handover })
    setMembers(['abe', 'me', 'you'])
    expect(await pass()).toBe('incomplete')
    expect(told).toEqual([])
    await clock.advance(500)
    expect(await pass()).toBe('complete')
    expect(owned()).toEqual([2])

    // abe had 0 and 1, you had 3.
    setMembers(['me'])
    expect(await pass()).toBe('complete')
    expect(owned()).toEqual([0, 1, 2, 3])
  })

  it('gives up the queues of a topic that is not subscribed any more', async () => {
    const topics = ['orders', 'payments']
    const { pass, told, routes, owned } = setUp({ topics: () => topics })
    routes.set('payments', queues('payments', 2))
    await pass()
    topics.shift()

    expect(await pass()).toBe('complete')

    expect(told).toEqual(['release broker-a:0', 'release broker-a:1', 'release broker-a:2', 'release broker-a:3'])
    expect(owned()).toEqual([0, 1])
  })

  it('gives up queues that the topic has lost', async () => {
    const { pass, owned, routes } = setUp()
    await pass()
    routes.set('orders', queues('orders', 2))

    await pass()

    expect(owned()).toEqual([0, 1])
  })

  it('ends before the next topic once it is to end', async () => {
    const asked: string[] = []
    const closing = new AbortController()
    const rebalance = new Rebalance({
      group: 'g',
      clientId: 'me',
      strategy: AllocateMessageQueueAveragely,
      logger: silentLogger,
      topics: () => ['orders', 'payments'],
      queuesOf: async (topic) => {
        asked.push(topic)
        closing.abort()
        return undefined
      },
      membersOf: async () => undefined,
      notListed: async () => undefined,
      held: () => [],
      release: () => undefined,
      acquire: async () => true,
      changed: async () => undefined,
    })

    await rebalance.run(closing.signal)

    expect(asked).toEqual(['orders'])
  })
})
