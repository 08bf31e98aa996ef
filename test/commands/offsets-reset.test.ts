import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { numbersOf, sorted } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

/** Queue n of a topic holds 10 messages: numbers that are n modulo 4. */
const COUNT = 40

describe.each(['server-side', 'client-push'] as const)('offsets reset on a broker that resets %s', (resetMode) => {
  let bench: OffsetsBench
  let topic: string
  let groups = 0
  beforeAll(async () => {
    bench = await OffsetsBench.start({ resetMode })
    topic = await bench.consume.topicWith(COUNT)
  })
  afterAll(() => bench.close())

  /** A group that has consumed half of each queue. */
  async function group(): Promise<string> {
    const name = `g${++groups}`
    await bench.commit(name, topic, [5, 5, 5, 5])
    return name
  }
  const reset = (name: string, ...args: string[]) => bench.run('reset', '-g', name, topic, ...args)

  test.each([
    ['first', [0, 0, 0, 0]],
    ['last', [10, 10, 10, 10]],
    ['=7', [7, 7, 7, 7]],
    ['+2', [7, 7, 7, 7]],
    ['-2', [3, 3, 3, 3]],
    ['-100', [0, 0, 0, 0]],
    ['1h ago', [0, 0, 0, 0]],
    ['broker-a:1=0,broker-a:3=last', [5, 0, 5, 10]],
  ])('moves an offline group to %s', async (to, expected) => {
    const name = await group()
    const { code, stderr } = await reset(name, '--to', to, '--yes')

    expect(stderr).toContain('have moved')
    expect(code).toBe(0)
    expect(await bench.committed(name, topic)).toEqual(expected)
  })

  test('moves only the queues named, and its members consume just those again', async () => {
    const name = await group()
    await reset(name, '--to', 'first', '--queue', 'broker-a:2,broker-a:0', '--yes')
    const { stdout } = await mq(bench.consume.consume(topic, '-g', name, '--until-caught-up', '-o', 'raw'))

    expect(await bench.committed(name, topic)).toEqual([10, 10, 10, 10])
    const again = [4, 8, 12, 16, 20, 2, 6, 10, 14, 18]
    const rest = [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]
    expect(sorted(numbersOf(stdout))).toEqual(sorted([...again, ...rest]))
  })

  test('goes where another group is', async () => {
    const [name, other] = [await group(), await group()]
    await bench.commit(other, topic, [1, 2, 3, 4])
    await reset(name, '--to', `@${other}`, '--yes')

    expect(await bench.committed(name, topic)).toEqual([1, 2, 3, 4])
  })

  test('shows the plan first, and without a terminal changes nothing', async () => {
    const name = await group()
    await bench.commit(name, topic, [5, 0, undefined, 999])
    const { code, stdout, stderr } = await reset(
      name,
      '--to',
      'broker-a:0=2,broker-a:1=10,broker-a:2=3,broker-a:3=last',
    )

    expect(stdout.split('\n').slice(1).join('\n')).toBe(
      [
        'broker-a:0    0   10          5       2  REPLAY 3',
        'broker-a:1    0   10          0      10  SKIP 10',
        'broker-a:2    0   10          5       3  REPLAY 2',
        'broker-a:3    0   10        999      10  REPLAY 0',
        '',
      ].join('\n'),
    )
    expect(stderr).toContain('total: replay 5, skip 10, 0 already lost')
    expect(stderr).toContain('add --yes to carry the plan out')
    expect(code).toBe(3)
    expect(await bench.committed(name, topic)).toEqual([5, 0, 5, 999])
  })

  test('--dry-run stops after the plan, as JSON too', async () => {
    const name = await group()
    const { code, stdout } = await reset(name, '--to', '+100', '--dry-run', '--json')

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      group: name,
      topic,
      mechanism: resetMode === 'server-side' ? 'server-side' : 'commit',
      queues: [0, 1, 2, 3].map((queue) => ({ queue, committed: 5, target: 10, clampedFrom: 105, effect: 'SKIP' })),
      totals: { replay: 0, skip: 20, expired: 0 },
      applied: false,
      verified: [],
      undo: null,
    })
    expect(await bench.committed(name, topic)).toEqual([5, 5, 5, 5])
  })

  test('tells what was done as JSON, and undo takes it back', async () => {
    const name = await group()
    const { stdout } = await reset(name, '--to', '=1', '--yes', '--json')
    const told = JSON.parse(stdout) as { verified: unknown; undo: string }
    expect(told.verified).toMatchObject([0, 1, 2, 3].map((queue) => ({ queue, committed: 1, state: 'moved' })))
    expect(JSON.parse(readFileSync(told.undo, 'utf8'))).toMatchObject({
      kind: 'offsets-snapshot',
      groups: [{ group: name, queues: [0, 1, 2, 3].map((queue) => ({ queue, offset: 5 })) }],
    })

    const undone = await bench.run('undo', '--yes')

    expect([undone.code, undone.stderr]).toEqual([0, expect.stringContaining(`before offsets reset -g ${name}`)])
    expect(await bench.committed(name, topic)).toEqual([5, 5, 5, 5])
  })

  test.each([
    [3, ['--to', '=11', '--yes'], 'offset 11 is outside broker-a:0'],
    [3, ['--to', '2099-01-01', '--yes'], 'lies in the future'],
    [2, ['--to', 'yesterday', '--yes'], "'yesterday' is not a position"],
    [2, ['--to', 'broker-a:0=1', '--queue', 'broker-a:1', '--yes'], 'leave --queue out'],
    [7, ['--to', 'first', '--queue', 'broker-a:4', '--yes'], 'there is no queue broker-a:4'],
    [2, [], 'a group, a topic and a position are needed'],
  ])('refuses with %i %j, and changes nothing', async (expected, args, words) => {
    const name = await group()
    const { code, stderr } = await reset(name, ...args)

    expect(stderr).toContain(words)
    expect(code).toBe(expected)
    expect(await bench.committed(name, topic)).toEqual([5, 5, 5, 5])
  })

  test('of a group that is not there says so, and does not make it', async () => {
    expect((await reset('nobody', '--to', 'first', '--yes')).code).toBe(7)
    expect((await reset('nobody', '--to', 'first', '--yes')).code).toBe(7)
  })

  test('moves members that are online, all or none', { timeout: 90_000 }, async () => {
    const name = await group()
    await bench.join(name, topic)
    const before = await untilCommitted(name, [10, 10, 10, 10])
    const some = await reset(name, '--to', '=4', '--queue', 'broker-a:1', '--yes')
    const all = await reset(name, '--to', 'first', '--yes')

    expect(before).toEqual([10, 10, 10, 10])
    expect([some.code, some.stderr]).toEqual(
      resetMode === 'server-side'
        ? [0, expect.stringContaining('done: 1 queues have moved')]
        : [3, expect.stringContaining('stop the members of the group, reset, and start them again')],
    )
    expect([all.code, all.stderr]).toEqual([0, expect.stringContaining('queues have moved')])
    await untilCommitted(name, [10, 10, 10, 10])
  })

  test('names the queues of a member that is frozen: they have not moved', { timeout: 90_000 }, async () => {
    const name = await group()
    const member = await bench.join(name, topic)
    await untilCommitted(name, [10, 10, 10, 10])
    member.kill('SIGSTOP')
    const { code, stderr } = await reset(name, '--to', 'first', '--yes', '--verify', '4s')

    if (resetMode === 'client-push') {
      // Whether a program of an unknown language obeys is known only from one that answers.
      expect(stderr).toContain('tells members to move, and these may not')
      expect(code).toBe(3)
    } else {
      expect(stderr).toContain('does not answer: its queues move when it goes on, not before')
      expect(stderr).toMatch(
        /0 of 4 queues have moved; not these:\n {2}broker-a:0, to 0: pending: these do not answer: \S+/,
      )
      expect(code).toBe(6)
    }
    await bench.leave(member)
  })

  test('a plan from a file is carried out as reviewed, unless the group has moved on', async () => {
    const name = await group()
    const file = bench.consume.file('plan.json')
    const planned = await reset(name, '--to', '-1', '--plan-out', file)
    expect([planned.code, planned.stderr]).toEqual([0, expect.stringContaining('nothing was changed')])
    expect(await bench.committed(name, topic)).toEqual([5, 5, 5, 5])

    await bench.commit(name, topic, [8])
    const drifted = await bench.run('reset', '--plan', file, '--yes')
    expect([drifted.code, drifted.stderr]).toEqual([3, expect.stringContaining('a queue has moved by 3 messages')])
    expect(await bench.committed(name, topic)).toEqual([8, 5, 5, 5])

    const allowed = await bench.run('reset', '--plan', file, '--drift', '3', '--yes')
    expect(allowed.code).toBe(0)
    expect(await bench.committed(name, topic)).toEqual([4, 4, 4, 4])
  })

  test('a file that is no plan, and more said beside a plan, are refused', async () => {
    const file = bench.consume.file('no-plan.json')
    writeFileSync(file, '{}')

    expect((await bench.run('reset', '--plan', file, '--yes')).code).toBe(2)
    expect((await bench.run('reset', '--plan', bench.consume.file('missing.json'), '--yes')).code).toBe(2)
  })

  async function untilCommitted(name: string, expected: readonly number[]): Promise<(number | null)[]> {
    for (;;) {
      const committed = await bench.committed(name, topic)
      if (JSON.stringify(committed) === JSON.stringify(expected)) return committed
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
})
