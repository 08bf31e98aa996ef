import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, ConsumeBench, numbersOf, printed, QUEUES, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

describe('a member of a group', () => {
  test('consumes everything once, and a second run prints nothing', async () => {
    const topic = await bench.topicWith(2000)

    const first = await mq(bench.consume(topic, '-g', 'g1', ...all))
    const second = await mq(bench.consume(topic, '-g', 'g1', ...all))

    expect(sorted(numbersOf(first.stdout))).toEqual(upTo(2000))
    expect(first.stderr).toMatch(
      /^owning 4 queues of t\d+-orders: broker-a:0-3\n2000 messages in .* s \(\d+\/s\), 0 failed\n$/,
    )
    expect(second.stdout).toBe('')
    expect(second.stderr).toContain('--from first did not count in 4 of 4 queues: g1 has committed offsets there')
    expect([first.code, second.code]).toEqual([0, 0])
  })

  test('is the same under its long name', async () => {
    const topic = await bench.topicWith(3)

    const { stdout, code } = await mq(['consume', 'topic', topic, '-n', bench.broker.address, '-g', 'g2', ...all])

    expect(sorted(numbersOf(stdout))).toEqual([1, 2, 3])
    expect(code).toBe(0)
  })

  test('acknowledges exactly what --max-messages let through, also in batches', async () => {
    const topic = await bench.topicWith(100)

    const first = await mq(bench.consume(topic, '-g', 'g3', '--from', 'first', '-o', 'raw', '-m', '7', '--batch', '4'))
    const counted = await bench.committed('g3', topic)
    const second = await mq(bench.consume(topic, '-g', 'g3', ...all))

    expect(numbersOf(first.stdout)).toHaveLength(7)
    expect(counted).toBe(7)
    expect(sorted([...numbersOf(first.stdout), ...numbersOf(second.stdout)])).toEqual(upTo(100))
  })

  test('stops before --until and leaves the rest to the next', async () => {
    const topic = await bench.topicWith(40)

    const first = await mq(
      bench.consume(topic, '-g', 'g4', '--from', 'first', '--until', '=3', '-o', 'raw', '--summary', 'json'),
    )
    const second = await mq(bench.consume(topic, '-g', 'g4', ...all))

    expect(numbersOf(first.stdout)).toHaveLength(3 * QUEUES)
    expect(JSON.parse(first.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      messages: 12,
      failed: 0,
      stoppedBy: 'until',
    })
    expect(sorted([...numbersOf(first.stdout), ...numbersOf(second.stdout)])).toEqual(upTo(40))
  })

  test('begins where --from says, also in a topic that is young', async () => {
    const topic = await bench.topicWith(20)

    const last = await mq(bench.consume(topic, '-g', 'g5', '--from', 'last', '--until-caught-up', '-o', 'raw'))
    const some = await mq(
      bench.consume(topic, '-g', 'g6', '--from', 'broker-a:1=2,broker-a:2=last', '--until-caught-up', '-o', 'raw'),
    )

    expect(last.stdout).toBe('')
    expect(sorted(numbersOf(some.stdout))).toEqual([9, 13, 17])
  })

  test('passes over what the filters do not want, as consumed', async () => {
    const topic = await bench.topicWith(20)

    const even = await mq(bench.consume(topic, '-g', 'g7', ...all, '--tags', 'even', '--grep', '^1', '--key', 'key-1*'))
    const again = await mq(bench.consume(topic, '-g', 'g7', ...all))

    expect(sorted(numbersOf(even.stdout))).toEqual([10, 12, 14, 16, 18])
    expect(even.stderr).toMatch(/5 messages in .*, 0 failed, 5 filtered out/)
    expect(again.stdout).toBe('')
  })

  test('only counts with -o none', async () => {
    const topic = await bench.topicWith(500)

    const { stdout, stderr } = await mq(
      bench.consume(topic, '-g', 'g8', '--from', 'first', '--until-caught-up', '-o', 'none', '--summary', 'json'),
    )

    expect(stdout).toBe('')
    expect(stderr).toContain('{"messages":500,')
  })

  test('stops when it is idle, and when its time is over', async () => {
    const topic = await bench.topicWith(5)

    const idle = await mq(
      bench.consume(topic, '-g', 'g9', '--from', 'first', '--idle', '300ms', '--summary', 'json', '-o', 'raw'),
    )
    const time = await mq(bench.consume(topic, '-g', 'g9', '--for', '300ms', '--summary', 'json'))

    expect(sorted(numbersOf(idle.stdout))).toEqual([1, 2, 3, 4, 5])
    expect(idle.stderr).toContain('"stoppedBy":"idle"')
    expect(time.stderr).toContain('"stoppedBy":"time"')
    expect([idle.code, time.code]).toEqual([0, 0])
  })
})

describe('a signal', () => {
  test('ends it in order: what runs is finished, nothing is consumed twice', async () => {
    const topic = await bench.topicWith(400)
    const slow = ['--from', 'first', '-o', 'raw', '--sleep', '20ms', '--concurrency', '4']

    const first = await mq(bench.consume(topic, '-g', 's1', ...slow), {
      during: async (child) => {
        await printed(child)
        child.kill('SIGTERM')
      },
    })
    const second = await mq(bench.consume(topic, '-g', 's1', ...all))

    expect(first.code).toBe(143)
    expect(first.stderr).toMatch(/\d+ messages? in /)
    expect(numbersOf(first.stdout).length).toBeLessThan(400)
    expect(sorted([...numbersOf(first.stdout), ...numbersOf(second.stdout)])).toEqual(upTo(400))
  })

  test('that kills loses nothing', async () => {
    const topic = await bench.topicWith(200)

    const first = await mq(
      bench.consume(topic, '-g', 's2', '--from', 'first', '-o', 'raw', '--sleep', '20ms', '--concurrency', '4'),
      {
        during: async (child) => {
          await printed(child)
          child.kill('SIGKILL')
        },
      },
    )
    const second = await mq(bench.consume(topic, '-g', 's2', ...all))

    const seen = new Set([...numbersOf(first.stdout), ...numbersOf(second.stdout)])
    expect(seen.size).toBe(200)
  })

  test('reads 130 for ^C, while browsing too', async () => {
    const topic = await bench.topicWith(3)

    const { code, stdout } = await mq(bench.consume(topic, '--from', 'first', '-o', 'raw'), {
      during: async (child) => {
        await printed(child)
        child.kill('SIGINT')
      },
    })

    expect(sorted(numbersOf(stdout)).length).toBeGreaterThan(0)
    expect(code).toBe(130)
  })
})
