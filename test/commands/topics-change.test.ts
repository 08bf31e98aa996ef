import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { QUEUES } from '../support/consume-bench.ts'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

const json = ({ stdout }: MqResult) => JSON.parse(stdout) as Record<string, unknown>

describe('topics show', () => {
  test('tells each queue, the settings on each broker and the groups', async () => {
    await bench.members('reader', 1)
    const shown = json(await bench.run('topics show', bench.topic, '--json'))

    expect(shown).toMatchObject({
      topic: bench.topic,
      queues: Array.from({ length: QUEUES }, (_, queue) => ({
        broker: 'broker-a',
        queue,
        min: 0,
        max: 2,
        messages: 2,
        lastStored: expect.stringMatching(/^\d{4}-/) as unknown,
      })),
      brokers: [{ broker: 'broker-a', readQueues: QUEUES, writeQueues: QUEUES, perm: 'rw', order: false }],
      groups: ['reader'],
      partial: false,
    })

    const { stdout, stderr } = await bench.run('topics show', bench.topic, '-o', 'table')
    expect(stdout).toMatch(/^QUEUE +MIN +MAX +MESSAGES +LAST-STORED\nbroker-a:0 +0 +2 +2 +\d{4}-/)
    expect(stderr).toContain('4 queues to read, 4 to write, perm rw\ngroups: reader\n')
  })

  test('of a topic that is not there ends with 7', async () => {
    const { code, stderr } = await bench.run('topics show', `${bench.topic}s`)

    expect([code, stderr]).toEqual([7, `error: no such topic: ${bench.topic}s\n  did you mean ${bench.topic}?\n`])
  })
})

describe('topics groups', () => {
  test('tells groups that are online, offline, or busy elsewhere', async () => {
    const { client, broker } = bench.consume
    const other = await bench.consume.topicWith(1)
    const commit = { topic: bench.topic, queueId: 0, commitOffset: 1 }
    for (const consumerGroup of ['asleep', 'moved']) {
      await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group: consumerGroup })
      await client.remoting.invoke(broker.address, 'updateConsumerOffset', { ...commit, consumerGroup })
    }
    await bench.plant(
      { clientId: 'a', group: 'awake', subscriptions: { [bench.topic]: '*' }, holds: [] },
      { clientId: 'b', group: 'moved', subscriptions: { [other]: '*' }, holds: [] },
    )
    const { groups } = json(await bench.run('topics groups', bench.topic, '--json')) as { groups: unknown[] }

    expect(groups).toEqual(
      expect.arrayContaining([
        { group: 'asleep', state: 'offline', members: 0, committedQueues: 1, lag: 1 },
        { group: 'awake', state: 'online', members: 1, committedQueues: 0, lag: 0 },
        { group: 'moved', state: 'elsewhere', members: 1, committedQueues: 1, lag: 1 },
      ]),
    )
  })
})

describe('topics delete', () => {
  test('shows what is lost, asks, and reads back that it is gone', async () => {
    const topic = await bench.consume.topicWith(8)
    const unasked = await bench.run('topics delete', topic)
    const dry = await bench.run('topics delete', topic, '--dry-run', '--json')
    expect([unasked.code, dry.code, json(dry)['applied']]).toEqual([3, 0, false])
    expect(unasked.stderr).toContain(`broker-a (DefaultCluster): delete ${topic} with 8 messages in 4 queues`)
    expect((await bench.run('topics show', topic)).code).toBe(0)

    const deleted = await bench.run('topics delete', topic, '--yes', '--json')
    expect(json(deleted)).toMatchObject({
      topic,
      brokers: [{ broker: 'broker-a', queues: 4, messages: 8, verified: true }],
      nameServers: [{ address: bench.consume.broker.address, verified: true }],
      applied: true,
    })
    expect((await bench.run('topics show', topic)).code).toBe(7)
    expect((await bench.run('topics delete', topic, '--yes')).code).toBe(7)
  })

  test('of a topic that is consumed right now is refused unless it is meant', async () => {
    const topic = await bench.consume.topicWith(1)
    await bench.plant({ clientId: 'a', group: 'using', subscriptions: { [topic]: '*' }, holds: [] })
    const refused = await bench.run('topics delete', topic, '--yes')
    const meant = await bench.run('topics delete', topic, '--yes', '--in-use')

    expect(refused.stderr).toContain(`error: nothing was changed: ${topic} is consumed right now by using\n`)
    expect([refused.code, meant.code]).toEqual([3, 0])
  })

  test("of a broker's own topic is refused with 2", async () => {
    expect((await bench.run('topics delete', 'TBW102', '--yes')).code).toBe(2)
  })
})
