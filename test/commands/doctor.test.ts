import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { groupConfigShape } from '../../src/core/protocol/index.ts'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

interface Told {
  readonly group: string | null
  readonly findings: readonly {
    readonly id: string
    readonly subject: string
    readonly evidence: string
    readonly group: string
    readonly head?: { readonly queue: number; readonly offset: number; readonly msgId: string }
    readonly stack?: string
  }[]
  readonly unknown: readonly { readonly id: string; readonly why: string }[]
  readonly partial: boolean
}

const doctor = (...args: string[]): Promise<MqResult> => bench.run('doctor', ...args)
const told = ({ stdout }: MqResult): Told => JSON.parse(stdout) as Told
const ids = (result: MqResult): string[] => told(result).findings.map(({ id }) => id)

/** Runs it until it finds what it should: members and brokers tell some things a moment later. */
async function untilFound(id: string, ...args: string[]): Promise<MqResult> {
  return vi.waitFor(
    async () => {
      const result = await doctor(...args, '--json')
      expect(ids(result)).toContain(id)
      return result
    },
    { timeout: 60_000, interval: 200 },
  )
}

/** Writes a handler and returns where. */
function handler(name: string, code: string): string {
  const file = bench.consume.file(name)
  writeFileSync(file, code)
  return file
}

async function settings(group: string, more: Record<string, unknown> = {}): Promise<void> {
  const { client, broker } = bench.consume
  const body = groupConfigShape.read(new Map(Object.entries({ groupName: group, ...more })), 'group')
  await client.remoting.invoke(broker.address, 'updateAndCreateSubscriptionGroup', { body })
}

async function commit(group: string, topic: string, queueId: number, commitOffset: number): Promise<void> {
  const { client, broker } = bench.consume
  const request = { consumerGroup: group, topic, queueId, commitOffset }
  await client.remoting.invoke(broker.address, 'updateConsumerOffset', request)
}

describe('doctor', () => {
  test.each([
    ['a healthy group', 2, ['--from', 'first']],
    ['a healthy orderly group', 2, ['--from', 'first', '--orderly']],
  ])('of %s finds nothing, and ends with 0', async (name, count, flags) => {
    const group = name.replaceAll(' ', '-')
    await bench.members(group, count, ...flags)
    const { stdout, stderr, code } = await doctor('-g', group, '--json')

    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, group, findings: [], unknown: [], partial: false })
    const table = await doctor('-g', group, '-o', 'table')
    expect(table.stderr).toBe(`no findings\nexamined ${group}\n`)
  })

  test('names the message a handler hangs at while others flow, and what the member does', async () => {
    const { consume } = bench
    const topic = await consume.topicWith(0)
    const hang =
      "export default (all) => all.some(({ body }) => String(body) === '5') ? new Promise(() => {}) : undefined"
    const args = consume.consume(topic, '-g', 'hangs', '-o', 'none', '--from', 'first')
    const member = consume.spawn([...args, '--handler', handler('hang.mjs', hang)], 'pipe')
    member.stdout?.resume()
    member.stderr?.resume()
    try {
      await consume.send(topic, { from: 1, to: 40 })
      const result = await untilFound('D08', '-g', 'hangs', '--stuck-after', '2s', '--stack')
      const [finding] = told(result).findings

      expect([result.code, ids(result)]).toEqual([8, ['D08']])
      expect(finding?.subject).toBe(`${topic} broker-a:1`)
      expect(finding?.head).toMatchObject({ queue: 1, offset: 1 })
      expect(finding?.stack).toMatch(new RegExp(`${topic} broker-a:1 offsets 1–1 running for \\d+ ms`))
      const table = await doctor('-g', 'hangs', '--stuck-after', '2s', '--stack', '-o', 'table')
      expect(table.stdout).toMatch(/^ID +SEVERITY[^]+\nD08 [^]+ is at\nlistener calls in flight: 1 of/)
      expect(table.stderr).toContain('  next: mq doctor -g hangs --stack; mq messages get')
    } finally {
      member.kill('SIGKILL')
    }
  })

  test('names the head of a queue in order on which the handler fails', async () => {
    const { consume } = bench
    const topic = await consume.topicWith(8)
    const fail = "export default () => { throw new Error('no') }"
    const flags = ['--orderly', '--handler', handler('fail.mjs', fail), '--from', 'first', '--on-fail', 'suspend']
    const member = consume.spawn(consume.consume(topic, '-g', 'fails', '-o', 'none', ...flags), 'pipe')
    member.stdout?.resume()
    member.stderr?.resume()
    try {
      const result = await untilFound('D08', '-g', 'fails', '--stuck-after', '2s')

      expect(new Set(ids(result))).toEqual(new Set(['D08']))
      expect(told(result).findings[0]?.evidence).toContain('takes it again and again, 1 more wait there')
    } finally {
      member.kill('SIGKILL')
    }
  })

  test('names a slow member with one thread slow, and not stuck', async () => {
    const { consume } = bench
    const topic = await consume.topicWith(800)
    const flags = ['--concurrency', '1', '--sleep', '200ms', '--from', 'first']
    const member = consume.spawn(consume.consume(topic, '-g', 'slow', '-o', 'none', ...flags), 'pipe')
    member.stdout?.resume()
    member.stderr?.resume()
    try {
      const result = await untilFound('D20', '-g', 'slow', '--stuck-after', '5s')

      expect(ids(result)).not.toContain('D08')
    } finally {
      member.kill('SIGKILL')
    }
  })

  test('names what rebalance check does: one id twice, and subscriptions that differ', async () => {
    const { topic } = bench
    const holds = [0, 1, 2, 3].map((id) => bench.queue(id))
    await bench.plant(
      { clientId: 'twin', group: 'odd', subscriptions: { [topic]: 'paid' }, holds },
      { clientId: 'twin', group: 'odd', subscriptions: { [topic]: 'paid' }, holds },
      { clientId: 'other', group: 'odd', subscriptions: { [topic]: 'created' }, holds: [] },
    )
    const result = await doctor('-g', 'odd', '--json')

    expect(result.code).toBe(8)
    expect(ids(result)).toEqual(expect.arrayContaining(['D01', 'D02', 'D07']))
  })

  test('names what waits, what was never committed and what is committed beyond the end while nobody is online', async () => {
    const topic = await bench.consume.topicWith(40)
    await settings('gone')
    await commit('gone', topic, 0, 4)
    await commit('gone', topic, 1, 99)
    const result = await doctor('-g', 'gone', '--json')

    expect([result.code, told(result).findings.map(({ id, evidence }) => [id, evidence])]).toEqual([
      8,
      [
        ['D12', 'broker-a:1 is committed at 99 and ends at 10'],
        ['D14', 'broker-a:2 has 10 messages, broker-a:3 has 10 messages'],
        ['D19', expect.stringMatching(/^6 messages wait, the oldest for .*nobody is online$/) as string],
      ],
    ])
  })

  test('names a group that may not consume, and its dead letters', async () => {
    const { consume } = bench
    const topic = await consume.topicWith(4)
    const flags = ['--from', 'first', '--fail-rate', '1', '--on-fail', 'dlq', '--until-caught-up', '-o', 'none']
    const { code } = await bench.run(`consume ${topic}`, '-g', 'dead', ...flags)
    expect(code).toBe(0)
    await settings('dead', { consumeEnable: false })
    const result = await doctor('-g', 'dead', '--json')

    expect([result.code, told(result).findings.map(({ id, evidence }) => [id, evidence])]).toEqual([
      8,
      [
        ['D16', 'it may not consume at broker-a (consumeEnable=false)'],
        ['D17', expect.stringMatching(/^4 dead letters, the newest from /) as string],
      ],
    ])
  })

  test('of a frozen member is not complete, ends with 6, and says what is not known', async () => {
    const [child] = await bench.members('frozen', 2, '--from', 'first')
    child?.kill('SIGSTOP')
    const result = await doctor('-g', 'frozen', '--json')

    expect([result.code, ids(result), told(result).partial]).toEqual([6, [], true])
    expect(told(result).unknown).toContainEqual(
      expect.objectContaining({ id: 'D08', why: expect.stringMatching(/ did not tell$/) as string }),
    )
  })

  test('without a group looks at all, or at those of a topic, and names the group of each finding', async () => {
    const topic = await bench.consume.topicWith(8)
    await settings('idle-one')
    await commit('idle-one', topic, 0, 0)
    const all = await doctor('--json')
    const some = await doctor(topic, '--json')

    expect([all.code, told(all).group]).toEqual([8, null])
    expect(told(all).findings).toContainEqual(expect.objectContaining({ id: 'D19', group: 'idle-one' }))
    expect(new Set(told(some).findings.map(({ group }) => group))).toEqual(new Set(['idle-one']))
    expect((await doctor(topic, '-o', 'table')).stdout).toMatch(/^ID +SEVERITY +GROUP +SUBJECT +EVIDENCE\n/)
  })

  test('of a group or topic that is not there ends with 7', async () => {
    await settings('billing')
    const group = await doctor('-g', 'biling')
    const topic = await doctor('-g', 'billing', 'nowhere')

    expect([group.code, group.stderr]).toEqual([7, 'error: no such group: biling\n  did you mean billing?\n'])
    expect(topic.code).toBe(7)
    expect((await doctor('-g', 'billing', '--stuck-after', 'soon')).code).toBe(2)
  })
})
