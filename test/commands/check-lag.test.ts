import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MqResult, mq } from '../support/mq.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

let bench: OffsetsBench
let topic: string
beforeAll(async () => {
  bench = await OffsetsBench.start()
  topic = await bench.consume.topicWith(40)
  await bench.commit('billing', topic, [10, 4, 10, 10])
})
afterAll(() => bench.close())

const check = (...args: string[]): Promise<MqResult> =>
  mq(['check', 'lag', '-n', bench.consume.broker.address, ...args])

describe('check lag', () => {
  test.each([
    [
      'within its limits',
      0,
      ['--max', '6', '--max-age', '1h'],
      /^OK billing \(lag 6, oldest unread .*, nobody online\)\n$/,
    ],
    ['with more that waits', 8, ['--max', '5'], /^CRITICAL billing: lag 6 > 5 \(lag 6, /],
    ['with what waits for too long', 8, ['--max-age', '1ms'], /^CRITICAL billing: oldest unread .* > 1 ms /],
    ['worth a warning', 8, ['--warn', '5', '--max', '10'], /^WARNING billing: lag 6 > 5 /],
  ])('of a group %s is one line and its exit code', async (_, code, limits, line) => {
    const result = await check('-g', 'billing', ...limits)

    expect([result.code, result.stderr]).toEqual([code, ''])
    expect(result.stdout).toMatch(line)
    expect(result.stdout.split('\n')).toHaveLength(2)
  })

  test('--format nagios is a line of a plugin, with its codes', async () => {
    const of = async (...limits: string[]) => check('-g', 'billing', '--format', 'nagios', ...limits)
    const [fine, warned, broken] = [await of('--max', '9'), await of('--warn', '5'), await of('--max', '5')]

    expect([fine.code, warned.code, broken.code]).toEqual([0, 1, 2])
    expect(fine.stdout).toMatch(
      /^LAG OK - billing: lag 6, [^|]* \| lag=6;;9;0 age=[\d.]+s;;;0 retry_lag=0;;;0 dlq=0;;;0 unknown_queues=0;;;0\n$/,
    )
    expect(warned.stdout).toMatch(/^LAG WARNING - billing: lag 6 > 5 \| lag=6;5;;0 /)
    expect(broken.stdout).toMatch(/^LAG CRITICAL - billing: lag 6 > 5 \| lag=6;;5;0 /)
  })

  test('--format nagios of what cannot be asked is unknown', async () => {
    const missing = await check('-g', 'nowhere', '--format', 'nagios', '--max', '1')

    expect([missing.code, missing.stdout, missing.stderr]).toEqual([
      3,
      'LAG UNKNOWN - nowhere: no such group: nowhere\n',
      '',
    ])
  })

  test('--format json has all figures and limits', async () => {
    const { stdout, code } = await check('-g', 'billing', topic, '--format', 'json', '--max', '5')

    expect(code).toBe(8)
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      group: 'billing',
      status: 'critical',
      lag: 6,
      unknown: 0,
      retryLag: 0,
      members: 0,
      topics: [{ topic, lag: 6 }],
      problems: ['lag 6 > 5'],
      limits: { max: 5, maxAgeMs: null, warn: null },
      partial: false,
      errors: [],
    })
    expect((await check('-g', 'billing', '--json')).code).toBe(0)
  })

  test('--format prometheus is metrics, and needs no limits', async () => {
    const { stdout, code } = await check('-g', 'billing', '--format', 'prometheus')

    expect(code).toBe(0)
    expect(stdout).toContain(`\nmq_group_lag_messages{group="billing",topic="${topic}"} 6\n`)
    expect(stdout).toContain('\n# TYPE mq_group_oldest_unread_seconds gauge\n')
    expect(stdout).toContain('\nmq_group_lag_status{group="billing"} 0\n')
    for (const line of stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) mq_\w+ .+|mq_\w+\{.+\} [\d.]+)$/)
  })

  test('a queue without a commit is not known, and one committed beyond its end is wrong', async () => {
    await bench.commit('newer', topic, [10, undefined, 10, 10])
    await bench.commit('beyond', topic, [10, 10, 10, 700])
    const [unknown, beyond] = [await check('-g', 'newer', '--max', '9'), await check('-g', 'beyond', '--max', '9')]

    expect([unknown.code, unknown.stdout]).toEqual([
      6,
      expect.stringMatching(/^UNKNOWN newer: 1 queues with messages have no commit, or nobody tells it \(lag 0, /),
    ])
    expect([beyond.code, beyond.stdout]).toEqual([
      8,
      expect.stringMatching(/^CRITICAL beyond: 1 queues are committed beyond their end \(lag 0, /),
    ])
  })

  test('without a limit there is nothing to check', async () => {
    const none = await check('-g', 'billing')

    expect([none.code, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toContain('Give --max, --max-age')
    expect((await check('-g', 'billing', '--max', '-1')).code).toBe(2)
    expect((await check('-g', 'biling', '--max', '1')).code).toBe(7)
    expect((await check('-g', 'billing', 'nowhere', '--max', '1')).code).toBe(7)
  })

  test('of a cluster that is not there ends with 5', async () => {
    const { code } = await mq(['check', 'lag', '-g', 'billing', '--max', '1', '-n', '127.0.0.1:1', '--timeout', '2s'])

    expect(code).toBe(5)
  })
})
