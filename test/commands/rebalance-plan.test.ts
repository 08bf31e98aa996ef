import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

interface Planned {
  readonly strategy: string
  readonly clients: readonly { clientId: string; change: string; queuesNow: number; queues: number; lag: number }[]
  readonly moves: readonly { topic: string; queue: number; effect: string; from: string[]; to: string[]; lag: number }[]
  readonly totals: { readonly moved: number; readonly min: number; readonly max: number; readonly idle: string[] }
}

const run = (...args: string[]): Promise<MqResult> => bench.run('rebalance plan', ...args)
const planOf = ({ stdout }: MqResult) => JSON.parse(stdout) as Planned

/** Two members that claim halves of the topic. */
async function halves(group: string): Promise<void> {
  const told = { group, subscriptions: { [bench.topic]: '*' } }
  await bench.plant(
    { ...told, clientId: '10.0.0.1@1', holds: [bench.queue(0), bench.queue(1)] },
    { ...told, clientId: '10.0.0.2@1', holds: [bench.queue(2), bench.queue(3)] },
  )
}

describe('rebalance plan', () => {
  test.each(['average', 'circle', 'consistent-hash'])(
    'for a member less tells what the others then hold, sharing by %s',
    async (strategy) => {
      const group = `less-${strategy}`
      const children = await bench.members(group, 3, '--strategy', strategy)
      const pid = String(children[1]?.pid)
      const { clients } = await bench.shown(group)
      const leaving = clients.find(({ clientId }) => clientId.includes(`@${pid}#`))?.clientId ?? ''
      const planned = planOf(await run('-g', group, bench.topic, '--remove', leaving, '--json'))
      const before = (await bench.shown(group)).queues.map(({ owners }) => owners[0])
      children[1]?.kill('SIGTERM')

      expect(planned.strategy).toBe(strategy)
      const expected = before.map((owner, queue) => planned.moves.find((move) => move.queue === queue)?.to[0] ?? owner)
      for (;;) {
        const now = (await bench.shown(group)).queues.map(({ owners }) => owners.join())
        if (now.every((owner) => owner !== '' && owner !== leaving && !owner.includes(','))) {
          expect(now).toEqual(expected)
          break
        }
        await sleep(100)
      }
    },
  )

  test('for a group that is offline, shares the topics it has committed offsets of', async () => {
    await bench.run('consume topic', bench.topic, '-g', 'resting', '--from', 'first', '--until-caught-up', '-o', 'none')
    const result = await run('-g', 'resting', '--clients', '2', '--strategy', 'circle', '--json')
    const { moves } = planOf(result)

    expect(moves.filter(({ topic }) => topic === bench.topic).map(({ effect, to }) => [effect, ...to])).toEqual([
      ['take', 'new-001'],
      ['take', 'new-002'],
      ['take', 'new-001'],
      ['take', 'new-002'],
    ])
    expect([result.code, result.stderr]).toEqual([0, expect.stringContaining('resting: nobody is online')])
  })

  test('tells what another broker would bring, and refuses one that is there', async () => {
    await halves('grown')
    const args = ['-g', 'grown', bench.topic, '--add-broker'] as const
    const { moves, clients } = planOf(await run(...args, 'broker-b:2', '--json'))

    expect(moves.filter(({ effect }) => effect === 'new')).toHaveLength(2)
    expect(clients.map(({ queuesNow, queues }) => [queuesNow, queues])).toEqual([
      [2, 3],
      [2, 3],
    ])
    const there = await run(...args, 'broker-a:2')
    expect(there.stderr).toContain(`--add-broker: broker-a has queues of ${bench.topic} already`)
    expect([there.code, (await run(...args, 'broker-b')).code]).toEqual([2, 2])
  })

  test('tells moves, skew and lag of each client', async () => {
    await halves('more')
    for (const queueId of [0, 1, 2, 3]) {
      const { client, broker } = bench.consume
      const request = { consumerGroup: 'more', topic: bench.topic, queueId, commitOffset: 1 }
      await client.remoting.invoke(broker.address, 'updateConsumerOffset', request)
    }
    const { strategy, clients, moves, totals } = planOf(await run('-g', 'more', '--clients', '3', '--json'))

    expect(strategy).toBe('average')
    expect(clients).toEqual([
      { clientId: '10.0.0.1@1', change: 'stays', queuesNow: 2, queues: 2, lagNow: 2, lag: 2 },
      { clientId: '10.0.0.2@1', change: 'stays', queuesNow: 2, queues: 1, lagNow: 2, lag: 1 },
      { clientId: 'new-001', change: 'joins', queuesNow: 0, queues: 1, lagNow: 0, lag: 1 },
    ])
    expect(moves).toMatchObject([{ queue: 3, effect: 'move', from: ['10.0.0.2@1'], to: ['new-001'], lag: 1 }])
    expect(totals).toMatchObject({ queues: 4, moved: 1, min: 1, max: 2, idle: [], unowned: 0 })
  })

  test('as tables shows members and moves, and says who would be idle', async () => {
    await halves('many')
    const { stdout, stderr, code } = await run('-g', 'many', '--add', '3', '-o', 'table')

    expect(stdout).toMatch(/^CLIENT +CHANGE +QUEUES-NOW +QUEUES +LAG-NOW +LAG\n[^]+\n\nTOPIC +QUEUE +EFFECT +FROM +TO/)
    expect(stderr).toContain('average: 3 of 4 queues move, 0 to 1 each; at most 0 messages come twice\nidle: new-003\n')
    expect(code).toBe(0)
  })

  test('says what depends on the ids of members that nobody has named', async () => {
    await halves('unnamed')
    const args = ['-g', 'unnamed', '--add', '1', '-o', 'table', '--strategy'] as const
    const sorted = await run(...args, 'circle')
    const hashed = await run(...args, 'consistent-hash')

    expect(sorted.stderr).toContain(
      'new-001 stand for new members; whose share each gets depends on how its real id sorts',
    )
    expect(hashed.stderr).toContain('what each gets, and how much, depends on its real id: name it with --add')
  })

  test('with more queues, or another strategy', async () => {
    await halves('wider')
    const wider = planOf(await run('-g', 'wider', bench.topic, '--queues', '8', '--json'))
    const circle = planOf(await run('-g', 'wider', bench.topic, '--strategy', 'circle', '--json'))

    expect(wider.moves.map(({ queue, effect }) => `${queue} ${effect}`)).toEqual([
      ...['2 move', '3 move', '4 new', '5 new', '6 new', '7 new'],
    ])
    expect(circle.moves.map(({ queue, to }) => [queue, to])).toEqual([
      [1, ['10.0.0.2@1']],
      [2, ['10.0.0.1@1']],
    ])
  })

  test('refuses what cannot be computed, with the way out', async () => {
    await halves('wrong')
    const none = await run('-g', 'wrong', '--remove', '2')
    const missing = await run('-g', 'wrong', '--remove', '10.0.0.3@1')

    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('would have no members')])
    expect([missing.code, missing.stderr]).toEqual([7, expect.stringContaining('did you mean 10.0.0.1@1')])
    expect((await run('-g', 'wrong', '--queues', '8')).code).toBe(2)
    expect((await run('-g', 'wrong', '--strategy', 'config')).code).toBe(2)
    expect((await run('-g', 'wrong', '--strategy', 'avrage')).stderr).toContain('did you mean average?')
    expect((await run('-g', 'nowhere', '--clients', '2')).code).toBe(7)
  })
})
