import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench, type ShownAllocation } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

const run = (...args: string[]): Promise<MqResult> => bench.run('rebalance show', ...args)

describe('rebalance show', () => {
  test('tells who holds which queue, how each shares, and how even that is', async () => {
    await bench.members('billing', 2)
    const { clients, queues, skew, group, partial } = await bench.shown('billing')

    expect([group, partial]).toEqual(['billing', false])
    expect(clients.map(({ strategy, queues }) => [strategy, queues])).toEqual([
      ['average', 2],
      ['average', 2],
    ])
    const [first = '', second = ''] = clients.map(({ clientId }) => clientId)
    expect(queues).toEqual(
      [first, first, second, second].map((owner, queue) => ({
        topic: bench.topic,
        broker: 'broker-a',
        queue,
        owners: [owner],
        locked: null,
      })),
    )
    expect(skew).toEqual({ min: 2, max: 2, idle: [], unowned: 0 })

    const { stdout, stderr, code } = await run('-g', 'billing', bench.topic, '-o', 'table')
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(new RegExp(`^CLIENT +LANGUAGE +VERSION +STRATEGY +QUEUES +${bench.topic}$`))
    expect(lines.slice(1).map((line) => line.split(/ +/).slice(-3))).toEqual([
      ['average', '2', 'broker-a:0-1'],
      ['average', '2', 'broker-a:2-3'],
    ])
    expect([stderr, code]).toEqual(['2 clients, 4 queues, 2 queues each\n', 0])
  })

  test('tells of an orderly group that the queues are locked', async () => {
    await bench.members('ledger', 1, '--orderly')

    expect((await bench.shown('ledger')).queues.map(({ locked }) => locked)).toEqual([true, true, true, true])
  })

  test('marks what two hold, shows what nobody holds, and names who is idle', async () => {
    const planted = { group: 'odd', subscriptions: { [bench.topic]: '*' } }
    await bench.plant(
      { ...planted, clientId: 'a', holds: [bench.queue(0), bench.queue(1)] },
      { ...planted, clientId: 'b', holds: [bench.queue(1)] },
      { ...planted, clientId: 'c', holds: [] },
    )
    const { stdout, stderr, code } = await run('-g', 'odd', '-o', 'table')

    expect(stdout.split('\n').map((line) => line.split(/ +/).at(-1))).toEqual([
      bench.topic,
      'broker-a:0,1!',
      'broker-a:1!',
      '-',
      'broker-a:2-3',
      '',
    ])
    expect(stderr).toContain('idle: c\n2 queues are held by nobody that tells so\n! held by several members\n')
    expect(code).toBe(0)
  })

  test('names a broker that is not registered while a member holds queues of it, and ends with 6', async () => {
    const gone = { ...bench.queue(0), brokerName: 'broker-b' }
    const holds = [...[0, 1, 2, 3].map((queueId) => bench.queue(queueId)), gone]
    await bench.plant({ group: 'torn', subscriptions: { [bench.topic]: '*' }, clientId: 'a', holds })
    const told = 'not complete: broker-b: no name server knows broker-b, and a holds queues of it'

    // Findings come first: what it holds is not its share of what is known.
    for (const [words, ends] of [
      ['rebalance show', 6],
      ['rebalance check', 8],
      ['offsets show', 6],
      ['doctor', 8],
    ] as const) {
      const { code, stderr } = await bench.run(words, '-g', 'torn', bench.topic)
      expect([words, code, stderr]).toEqual([words, ends, expect.stringContaining(told)])
    }
    const lag = await bench.run('check lag', '-g', 'torn', bench.topic, '--max', '10')
    expect([lag.code, lag.stdout]).toEqual([6, expect.stringContaining('broker-b')])
    expect((await bench.run('offsets show', '-g', 'torn', 'no-such')).stderr).not.toContain('broker-b')
  })

  test('in a pipe is a queue a line', async () => {
    await bench.members('piped', 1)
    const { stdout } = await run('-g', 'piped', bench.topic)

    const queues = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ShownAllocation['queues'][number])
    expect(queues.map(({ queue, owners }) => [queue, owners.length])).toEqual([0, 1, 2, 3].map((queue) => [queue, 1]))
  })

  test('of a frozen member tells the rest, names it, and ends with 6', async () => {
    const [child] = await bench.members('frozen', 2)
    child?.kill('SIGSTOP')
    const { stdout, stderr, code } = await run('-g', 'frozen', bench.topic, '--json', '--timeout', '8s')
    const { clients, partial, skew } = JSON.parse(stdout) as ShownAllocation

    expect([code, partial, skew.unowned]).toEqual([6, true, 2])
    expect(clients.map(({ queues }) => queues)).toEqual(expect.arrayContaining([2, null]))
    expect(stderr).toMatch(/not complete: member \S+: .* did not answer getConsumerRunningInfo/)
  })

  test('of a group that is offline says so; of one that is not there, with 7', async () => {
    const { client, broker } = bench.consume
    await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group: 'asleep' })
    const asleep = await run('-g', 'asleep', '--json')
    const missing = await run('-g', 'aslep')

    expect([asleep.code, asleep.stderr]).toEqual([0, 'asleep: nobody is online\n'])
    expect((JSON.parse(asleep.stdout) as ShownAllocation).clients).toEqual([])
    expect([missing.code, missing.stderr]).toEqual([7, 'error: no such group: aslep\n  did you mean asleep?\n'])
    expect((await run('-g', 'asleep', 'nowhere')).code).toBe(7)
  })
})
