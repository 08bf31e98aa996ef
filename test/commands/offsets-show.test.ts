import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mq } from '../support/mq.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

let bench: OffsetsBench
let topic: string
beforeAll(async () => {
  bench = await OffsetsBench.start()
  topic = await bench.consume.topicWith(40)
  await bench.commit('billing', topic, [10, 4, undefined, 600])
})
afterAll(() => bench.close())

describe('offsets show', () => {
  test('tells each queue with its state, and totals in which nothing unknown is a number', async () => {
    const { online, queues, totals, partial } = await bench.show('billing')

    expect(
      queues.map(({ queue, min, max, committed, lag, state }) => [queue, min, max, committed, lag, state]),
    ).toEqual([
      [0, 0, 10, 10, 0, 'ok'],
      [1, 0, 10, 4, 6, 'ok'],
      [2, 0, 10, null, null, 'no-commit'],
      [3, 0, 10, 600, 0, 'ahead(590)'],
    ])
    expect([online, partial]).toEqual([false, false])
    expect(totals).toEqual({ lag: 6, unknown: 1, retryLag: 0, dlq: 0 })
  })

  test('tells how long the oldest unread message has waited, and only of queues with a backlog', async () => {
    const { queues } = await bench.show('billing', topic)
    const [first, second] = queues

    expect(first?.oldestUnread).toBeNull()
    expect(Math.abs(Date.parse(second?.oldestUnread ?? '') - Date.now())).toBeLessThan(60_000)
  })

  test('tells when what is unread may be removed, and that a backlog nobody works on does not shrink', async () => {
    const [first, second] = (await bench.show('billing', topic)).queues
    const keptMs = 72 * 3_600_000

    expect([first?.expiresInMs, first?.drainsInMs]).toEqual([null, null])
    expect(second?.expiresInMs).toBeLessThanOrEqual(keptMs)
    expect(second?.expiresInMs).toBeGreaterThan(keptMs - 600_000)
    expect(second?.drainsInMs).toBe(-1)
  })

  test('as a table leaves out what is not asked for, and says the sum on stderr', async () => {
    const { stdout, stderr, code } = await bench.run('show', '-g', 'billing', '-o', 'table', '--lagging')

    expect(stdout.split('\n')[0]).toMatch(
      /^TOPIC +QUEUE +MIN +MAX +COMMITTED +LAG +INFLIGHT +AGE +EXPIRES-IN +DRAINS-IN +OWNER +STATE$/,
    )
    expect(stdout.match(/broker-a:\d/g)).toEqual(['broker-a:1', 'broker-a:2', 'broker-a:3'])
    expect(stderr).toMatch(/^nobody online, lag 6 \(1 queues not known, not counted\), oldest unread .*\n$/)
    expect(code).toBe(0)
  })

  test.each([
    ['topic', [{ queues: 4, lag: 6, unknown: 1, states: ['ahead(590)', 'no-commit'] }]],
    ['broker', [{ name: 'broker-a', queues: 4, lag: 6, unknown: 1 }]],
    ['client', [{ name: '-', queues: 4, lag: 6 }]],
  ])('puts queues together by %s', async (view, expected) => {
    const { stdout } = await bench.run('show', '-g', 'billing', '--by', view, '--json')

    expect((JSON.parse(stdout) as Record<string, unknown>)[`${view}s`]).toMatchObject(expected)
  })

  test('in a pipe is a JSON object a line', async () => {
    const { stdout } = await bench.run('show', '-g', 'billing', topic)

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { queue: number }).queue),
    ).toEqual([0, 1, 2, 3])
  })

  test('names owner and position of a group that is online, and those who share a queue by client', async () => {
    const member = await bench.join('online', topic, '--from', 'first')
    const { online, queues } = await bench.show('online', topic)

    expect(online).toBe(true)
    expect(new Set(queues.map(({ owner }) => owner)).size).toBe(1)
    expect(queues.every(({ position }) => position !== null)).toBe(true)
    await bench.leave(member)
  })

  test('keeps the retry topic apart', async () => {
    const { client, broker } = bench.consume
    await client.remoting.invoke(broker.address, 'updateAndCreateTopic', {
      topic: '%RETRY%mailer',
      defaultTopic: '',
      readQueueNums: 1,
      writeQueueNums: 1,
      perm: 6,
    })
    await bench.consume.producer.send({ topic: '%RETRY%mailer', body: Buffer.from('again') })
    await bench.commit('mailer', topic, [9, 10, 10, 10])
    await bench.commit('mailer', '%RETRY%mailer', [0])

    expect((await bench.show('mailer')).totals).toEqual({ lag: 1, unknown: 0, retryLag: 1, dlq: 0 })
  })

  test('of a frozen member names it, with everything else there is to know', async () => {
    const member = await bench.join('frozen', topic, '--from', 'first')
    member.kill('SIGSTOP')
    const { stdout, stderr, code } = await bench.run('show', '-g', 'frozen', topic, '--json')

    expect(code).toBe(6)
    expect(stderr).toMatch(/not complete: member \S+: .* did not answer getConsumerRunningInfo/)
    const { queues, partial } = JSON.parse(stdout) as { queues: { committed: number }[]; partial: boolean }
    expect(partial).toBe(true)
    expect(queues).toHaveLength(4)
    await bench.leave(member)
  })

  test('of a group or topic that is not there says so, with a guess, and does not make it', async () => {
    const group = await bench.run('show', '-g', 'biling')
    const again = await bench.run('show', '-g', 'biling')
    const nothing = await bench.run('show', '-g', 'billing', 't1-order')

    expect([group.code, group.stderr]).toEqual([7, 'error: no such group: biling\n  did you mean billing?\n'])
    expect(again).toEqual(group)
    expect([nothing.code, nothing.stderr]).toEqual([7, 'error: no such topic: t1-order\n  did you mean t1-orders?\n'])
  })

  test('--watch goes on until it is interrupted', async () => {
    const args = ['offsets', 'show', '-g', 'billing', topic, '--watch=200ms', '-n', bench.consume.broker.address]
    const { stdout, code } = await mq(args, {
      during: (child) =>
        new Promise((resolve) => {
          let lines = 0
          child.stdout.on('data', (text: string) => {
            lines += text.split('\n').length - 1
            if (lines < 8) return
            child.kill('SIGINT')
            resolve()
          })
        }),
    })

    expect(stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(8)
    expect(code).toBe(130)
  })
})
