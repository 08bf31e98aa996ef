import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { all, ConsumeBench, numbersOf, printed, QUEUES, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

/** Message n lies in queue n mod 4, so its order there is the order of the numbers. */
function isInOrder(numbers: readonly number[]): boolean {
  return Array.from({ length: QUEUES }, (_, queue) => numbers.filter((number) => number % QUEUES === queue)).every(
    (of) => of.every((number, index) => index === 0 || number > (of[index - 1] ?? 0)),
  )
}

describe('consuming with --orderly', () => {
  test('prints each queue in order, once, and a second run prints nothing', async () => {
    const topic = await bench.topicWith(400)

    const first = await mq(bench.consume(topic, '-g', 'o1', '--orderly', '--batch', '8', ...all))
    const second = await mq(bench.consume(topic, '-g', 'o1', '--orderly', ...all))

    expect(sorted(numbersOf(first.stdout))).toEqual(upTo(400))
    expect(isInOrder(numbersOf(first.stdout))).toBe(true)
    expect(first.stderr).toContain('400 messages in ')
    expect(second.stdout).toBe('')
    expect([first.code, second.code]).toEqual([0, 0])
  })

  test('stops at once on a signal, unlocks, and the next goes on in order without a repeat', async () => {
    const topic = await bench.topicWith(80)
    const slow = ['--from', 'first', '-o', 'raw', '--sleep', '20ms', '--orderly']

    const first = await mq(bench.consume(topic, '-g', 'o2', ...slow), {
      during: async (child) => {
        await printed(child)
        child.kill('SIGTERM')
      },
    })
    const second = await mq(bench.consume(topic, '-g', 'o2', '--orderly', ...all))

    const numbers = [...numbersOf(first.stdout), ...numbersOf(second.stdout)]
    expect(first.code).toBe(143)
    expect(sorted(numbers)).toEqual(upTo(80))
    expect(isInOrder(numbers)).toBe(true)
  })

  test('acknowledges exactly what --max-messages let through, also in batches', async () => {
    const topic = await bench.topicWith(40)
    const flags = ['--orderly', '--from', 'first', '-o', 'raw', '-m', '7', '--batch', '4']

    const first = await mq(bench.consume(topic, '-g', 'o3', ...flags))
    expect(await bench.committed('o3', topic)).toBe(7)
    const second = await mq(bench.consume(topic, '-g', 'o3', '--orderly', ...all))

    expect(sorted([...numbersOf(first.stdout), ...numbersOf(second.stdout)])).toEqual(upTo(40))
  })

  test('counts with -o none', async () => {
    const topic = await bench.topicWith(500)

    const { stderr } = await mq(
      bench.consume(topic, '-g', 'o4', '--orderly', '--from', 'first', '--until-caught-up', '-o', 'none'),
    )

    expect(stderr).toContain('500 messages in ')
  })
})

describe('what is printed in order', () => {
  /** The start of another run may repeat what the one before has printed, and leaves nothing out. */
  const follows = (first: readonly number[], second: readonly number[], count: number): void => {
    expect([isInOrder(first), isInOrder(second)]).toEqual([true, true])
    expect(sorted([...new Set([...first, ...second])])).toEqual(upTo(count))
  }

  test.each([1, 5, 150])('to | head -%i is lost nowhere, and stays in order', async (count) => {
    const topic = await bench.topicWith(1000)

    const first = await bench.shell(`mq consume ${topic} -g h1 --orderly --from first -o raw | head -${count}`)
    const second = await mq(bench.consume(topic, '-g', 'h1', '--orderly', ...all))

    expect(first.code).toBe(0)
    expect(numbersOf(first.stdout)).toHaveLength(count)
    follows(numbersOf(first.stdout), numbersOf(second.stdout), 1000)
  })

  test.skipIf(!existsSync('/dev/full'))('to a full device fails, and nothing counts as consumed', async () => {
    const topic = await bench.topicWith(50)
    const full = openSync('/dev/full', 'w')
    const child = bench.spawn(bench.consume(topic, '-g', 'h2', '--orderly', '--from', 'first', '-o', 'raw'), full)
    closeSync(full)

    const code = await new Promise((resolve) => child.once('close', resolve))
    const second = await mq(bench.consume(topic, '-g', 'h2', '--orderly', ...all))

    expect(code).toBe(1)
    expect(isInOrder(numbersOf(second.stdout))).toBe(true)
    expect(sorted(numbersOf(second.stdout))).toEqual(upTo(50))
  })

  test('by a command that is killed counts as consumed only as far as it was printed', async () => {
    const topic = await bench.topicWith(8000)
    const child = bench.spawn(bench.consume(topic, '-g', 'h3', '--orderly', '--from', 'first', '-o', 'raw'), 'pipe')
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    const closed = new Promise((resolve) => child.once('close', resolve))
    await vi.waitFor(async () => {
      expect(await bench.committed('h3', topic)).toBeGreaterThan(0)
    }, 20_000)
    child.kill('SIGKILL')
    await closed

    const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1)
    expect(isInOrder(numbersOf(whole))).toBe(true)
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const committed = await bench.client.queueOffsets.committed('h3', { topic, brokerName: 'broker-a', queueId })
      const ofQueue = numbersOf(whole).filter((number) => number % QUEUES === queueId)
      expect(committed ?? 0).toBeLessThanOrEqual(ofQueue.length)
    }
  })
})

describe('a failure with --orderly', () => {
  const exec = (topic: string, group: string, command: string, ...flags: string[]) =>
    mq(bench.consume(topic, '-g', group, '--from', 'first', '--orderly', '--exec', command, ...flags))

  test('holds its queue up until the message is consumed', async () => {
    const topic = await bench.topicWith(8)
    const log = bench.file('held-up')
    writeFileSync(log, '')
    const command = `n=$(cat); echo $n >> ${log}; [ $n != 3 ] || [ $MQ_RECONSUME_TIMES -ge 2 ]`

    const { code } = await exec(topic, 'f1', command, '--until-caught-up')

    const numbers = readFileSync(log, 'utf8').trim().split('\n').map(Number)
    expect(numbers.filter((number) => number % QUEUES === 3)).toEqual([3, 3, 3, 7])
    expect(numbers).toHaveLength(10)
    expect(code).toBe(0)
  })

  test('makes a message a dead letter that has failed too often, or at once with --on-fail dlq', async () => {
    for (const [group, tries, ...flags] of [
      ['f2', 2, '--max-reconsume', '1'],
      ['f3', 1, '--on-fail', 'dlq'],
    ] as const) {
      const topic = await bench.topicWith(8)
      const log = bench.file(group)
      writeFileSync(log, '')
      await exec(topic, group, `n=$(cat); echo $n >> ${log}; [ $n != 3 ]`, '--until-caught-up', ...flags)
      const dead = await mq(bench.consume(`%DLQ%${group}`, '--from', 'first', '--until-caught-up', '-o', 'raw'))

      const numbers = readFileSync(log, 'utf8').trim().split('\n').map(Number)
      expect(numbers.filter((number) => number % QUEUES === 3)).toEqual([...Array<number>(tries).fill(3), 7])
      expect(dead.stdout).toBe('3\n')
    }
  })

  test('is passed over with --on-fail skip, and ends the command with --on-fail stop', async () => {
    const topic = await bench.topicWith(8)

    const skips = await exec(topic, 'f4', '[ $(cat) != 3 ]', '--until-caught-up', '--on-fail', 'skip')
    const stops = await exec(topic, 'f5', '[ $(cat) != 3 ]', '--on-fail', 'stop')

    expect([skips.code, stops.code]).toEqual([0, 1])
    expect(await bench.committed('f4', topic)).toBe(8)
    expect(await bench.committed('f5', topic)).toBeLessThan(8)
  })

  test('is played with --fail-rate: everything comes all the same, in order', async () => {
    const topic = await bench.topicWith(20)
    const flags = ['--fail-rate', '0.2', '--orderly', '-g', 'f6', ...all]

    const { stdout } = await mq(bench.consume(topic, ...flags))

    expect(sorted(numbersOf(stdout))).toEqual(upTo(20))
    expect(isInOrder(numbersOf(stdout))).toBe(true)
  })
})

test('more calls than queues are refused with --orderly, saying how many queues there are', async () => {
  const topic = await bench.topicWith(1)

  const { code, stderr } = await mq(bench.consume(topic, '-g', 'u1', '--orderly', '--concurrency', '5'))

  expect(code).toBe(2)
  expect(stderr).toContain(`${topic} has 4 queues: --concurrency 5 is more`)
})
