import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

const check = (...args: string[]): Promise<MqResult> => bench.run('rebalance check', ...args)

interface Checked {
  readonly group: string
  readonly findings: readonly { readonly id: string; readonly subject: string; readonly evidence: string }[]
}

const findings = ({ stdout }: MqResult) => (JSON.parse(stdout) as Checked).findings

const CIRCLE = { allocateMessageQueueStrategy: 'org.apache.AllocateMessageQueueAveragelyByCircle@1f' }

describe('rebalance check', () => {
  test.each([
    ['a healthy group', 3, []],
    ['a healthy orderly group', 2, ['--orderly']],
    ['a group that shares by circle', 2, ['--strategy', 'circle']],
    ['a group that shares by hashes', 3, ['--strategy', 'consistent-hash']],
  ])('of %s finds nothing, and ends with 0', async (name, count, flags) => {
    const group = name.replaceAll(' ', '-')
    await bench.members(group, count, ...flags)
    const { stdout, stderr, code } = await check('-g', group, '--json')

    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, group, findings: [], partial: false })
    const table = await check('-g', group, '-o', 'table')
    expect(table.stderr).toBe(`no findings\nchecked ${count} members and 2 topics\n`)
  })

  test('finds two clients with one id', async () => {
    const twin = { clientId: 'twin', group: 'twins', subscriptions: { [bench.topic]: '*' } }
    const holds = [0, 1, 2, 3].map((id) => bench.queue(id))
    await bench.plant({ ...twin, holds }, { ...twin, holds })
    const done = await check('-g', 'twins', '--json')

    expect(done.code).toBe(8)
    expect(findings(done)).toEqual([
      {
        id: 'D02',
        severity: 'error',
        subject: 'twin',
        evidence: expect.stringMatching(/^broker-a sees it at 127\.0\.0\.1:\d+ and 127\.0\.0\.1:\d+$/) as string,
        cause: expect.stringContaining('one share') as string,
        next: expect.stringContaining('mq rebalance check -g twins') as string,
      },
    ])
  })

  test('finds subscriptions that differ, a queue held by two, one held by nobody, and different strategies', async () => {
    const { topic } = bench
    await bench.plant(
      { clientId: 'a', group: 'odd', subscriptions: { [topic]: 'paid' }, holds: [bench.queue(0), bench.queue(1)] },
      {
        clientId: 'b',
        group: 'odd',
        subscriptions: { [topic]: 'created' },
        holds: [bench.queue(1)],
        properties: CIRCLE,
      },
    )
    const done = await check('-g', 'odd', topic, '--json')

    expect(done.code).toBe(8)
    expect(findings(done).map(({ id, subject, evidence }) => [id, subject, evidence])).toEqual([
      ['D01', topic, 'tags created: b; tags paid: a'],
      ['D04', topic, 'nobody holds broker-a:2, broker-a:3'],
      ['D05', topic, 'broker-a:1: a and b'],
      ['D06', 'odd', 'average: a; circle: b'],
    ])
    const { stdout, stderr } = await check('-g', 'odd', topic, '-o', 'table')
    expect(stdout).toMatch(/^ID +SEVERITY +SUBJECT +EVIDENCE\nD01 +error/)
    expect(stderr).toContain('  next: mq rebalance show -g odd')
  })

  test('computes the shares of members that tell no strategy by the one it is given', async () => {
    const untold = { group: 'untold', subscriptions: { [bench.topic]: '*' } }
    const properties = { allocateMessageQueueStrategy: '' }
    await bench.plant(
      { ...untold, clientId: 'a', holds: [bench.queue(0), bench.queue(2)], properties },
      { ...untold, clientId: 'b', holds: [bench.queue(1), bench.queue(3)], properties },
    )
    const args = ['-g', 'untold', bench.topic, '--json']

    expect((await check(...args)).code).toBe(0)
    expect((await check(...args, '--strategy', 'circle')).code).toBe(0)
    const averagely = await check(...args, '--strategy', 'average')
    expect([averagely.code, findings(averagely).map(({ id }) => id)]).toEqual([8, ['D06']])
    expect((await check(...args, '--strategy', 'config')).code).toBe(2)
  })

  test('of a frozen member is not complete, and ends with 6', async () => {
    const [child] = await bench.members('frozen', 2)
    child?.kill('SIGSTOP')
    const done = await check('-g', 'frozen', bench.topic, '--json')

    expect([done.code, findings(done)]).toEqual([6, []])
  })

  test('of a group that is not there ends with 7', async () => {
    expect((await check('-g', 'nowhere')).code).toBe(7)
  })
})
