import { closeSync, existsSync, openSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, ConsumeBench, numbersOf, sorted, upTo } from '../support/consume-bench.ts'
import { mq, said } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

describe('a downstream that breaks', () => {
  test.each([1, 5, 150])('| head -%i loses nothing, and is no failure', async (count) => {
    const topic = await bench.topicWith(1000)

    const first = await bench.shell(`mq consume ${topic} -g h1 --from first -o raw | head -${count}`)
    const second = await mq(bench.consume(topic, '-g', 'h1', ...all))

    expect(first.code).toBe(0)
    expect(numbersOf(first.stdout)).toHaveLength(count)
    const seen = new Set([...numbersOf(first.stdout), ...numbersOf(second.stdout)])
    expect(seen.size).toBe(1000)
  })

  test.skipIf(!existsSync('/dev/full'))('a full device is a failure with a sentence, and loses nothing', async () => {
    const topic = await bench.topicWith(50)
    const full = openSync('/dev/full', 'w')
    const child = bench.spawn(bench.consume(topic, '-g', 'h2', '--from', 'first', '-o', 'raw'), full)
    closeSync(full)
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))

    const code = await new Promise((resolve) => child.once('close', resolve))
    const second = await mq(bench.consume(topic, '-g', 'h2', ...all))

    expect(code).toBe(1)
    expect(stderr.match(/cannot write to stdout: ENOSPC/g)).toHaveLength(1)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(sorted(numbersOf(second.stdout))).toEqual(upTo(50))
  })

  test('a reader that stalls is waited for, with nothing acknowledged that it could not get', async () => {
    const large = 'x'.repeat(4000)
    const topic = await bench.topicWith(400, (n) => `${n} ${large}`)
    const flags = ['-g', 'h3', '--from', 'first', '--until-caught-up', '-o', 'raw']
    const child = bench.spawn(bench.consume(topic, ...flags), 'pipe')
    await said(child as never, /owning 4 queues/)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const acknowledged = await bench.committed('h3', topic)
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))

    const code = await new Promise((resolve) => child.once('close', resolve))

    // What the pipe and this process hold of it, at most.
    expect(acknowledged).toBeLessThan(200)
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(400)
    expect(await bench.committed('h3', topic)).toBe(400)
  })
})
