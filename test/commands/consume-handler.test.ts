import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConsumeBench, numbersOf, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

function moduleWith(name: string, text: string): string {
  const file = bench.file(name)
  writeFileSync(file, text)
  return file
}

const once = ['--from', 'first', '--until-caught-up', '--summary', 'json'] as const

describe('a module as the listener', () => {
  test('gets the messages of each call, and what it returns nothing for is consumed', async () => {
    const topic = await bench.topicWith(6)
    const file = moduleWith(
      'print.mjs',
      `export default (messages, { group, messageQueue, signal }) => {
        if (group !== 'h1' || messageQueue.topic !== '${topic}' || signal.aborted) throw new Error('wrong context')
        for (const message of messages) console.log(message.body.toString())
      }`,
    )

    const { code, stdout, stderr } = await mq(bench.consume(topic, '-g', 'h1', ...once, '--handler', file))

    expect(sorted(numbersOf(stdout))).toEqual(upTo(6))
    expect(stderr).toContain('"messages":6')
    expect(code).toBe(0)
    expect(await bench.committed('h1', topic)).toBe(6)
  })

  test('may be named from the working directory, be CommonJS, and answer later', async () => {
    const topic = await bench.topicWith(4)
    const file = moduleWith('later.cjs', "module.exports = async () => { await null; return 'success' }")

    const { code, stderr } = await mq(
      bench.consume(topic, '-g', 'h2', ...once, '--handler', path.relative(process.cwd(), file)),
    )

    expect([code, stderr.includes('"messages":4')]).toEqual([0, true])
  })

  test('decides about retries, dead letters and parts of a batch; throwing is a failure', async () => {
    const topic = await bench.topicWith(4)
    const file = moduleWith(
      'deciding.mjs',
      `export default (messages) => {
        const [message] = messages
        switch (message.body.toString()) {
          case '1': return 'dlq'
          case '2': return message.reconsumeTimes === 0 ? 'retry' : 'success'
          case '3': return message.reconsumeTimes === 0 ? { ackIndex: -1 } : undefined
          default: if (message.reconsumeTimes === 0) throw new Error('not yet')
        }
      }`,
    )
    const flags = ['--from', 'first', '--delay-level', '1', '--idle', '4s', '--summary', 'json']

    const { stderr } = await mq(bench.consume(topic, '-g', 'h3', ...flags, '--handler', file))
    const dead = await mq(bench.consume('%DLQ%h3', '--from', 'first', '--until-caught-up', '-o', 'raw'))

    expect(stderr).toContain('"messages":3')
    expect(stderr).toContain('"failed":4')
    expect(stderr).toMatch(/warning: message \w+ at broker-a:0@0 failed: Error: not yet/)
    expect(dead.stdout).toBe('1\n')
  })

  test.each([
    ['a missing file', 'missing.mjs', undefined, 2, /error: --handler: there is no file \S+missing\.mjs\n/],
    [
      'no default export',
      'none.mjs',
      'export const a = 1',
      2,
      /none\.mjs has no function as its default export\n {2}exp/,
    ],
    [
      'one that fails at once',
      'bad.mjs',
      "throw new Error('at load')",
      2,
      /bad\.mjs cannot be loaded: Error: at load\n/,
    ],
    ['a bad text', 'text.mjs', 'export default (', 2, /text\.mjs cannot be loaded: SyntaxError/],
  ])('is refused when it is %s, before anything is consumed', async (_, name, text, exit, message) => {
    const file = text === undefined ? bench.file(name) : moduleWith(name, text)

    const { code, stderr } = await mq(bench.consume('any', '-g', 'h4', '--handler', file))

    expect(stderr).toMatch(message)
    expect(code).toBe(exit)
  })

  test('that answers what nobody understands has failed', async () => {
    const topic = await bench.topicWith(1)
    const file = moduleWith('five.mjs', 'export default () => 5')

    const { code, stderr } = await mq(bench.consume(topic, '-g', 'h5', ...once, '--handler', file, '--on-fail', 'stop'))

    expect(stderr).toContain("the handler returned 5; it may return nothing, 'success'")
    expect(code).toBe(1)
    expect(await bench.committed('h5', topic)).toBe(0)
  })
})

describe('filtering by SQL92', () => {
  test('gives the messages for which the condition holds, with and without a group', async () => {
    const topic = await bench.topicWith(8)

    const browsed = await mq(bench.consume(topic, ...once, '-o', 'raw', '--sql', "TAGS = 'even'"))
    const consumed = await mq(bench.consume(topic, '-g', 's1', ...once, '-o', 'raw', '--sql', "KEYS IN ('key-3')"))

    expect(sorted(numbersOf(browsed.stdout))).toEqual([2, 4, 6, 8])
    expect(numbersOf(consumed.stdout)).toEqual([3])
    // The queue of the one that matched may not have been asked again for what follows it.
    expect(await bench.committed('s1', topic)).toBeGreaterThanOrEqual(7)
  })

  test('says what is wrong with a condition, and that there are no tags beside it', async () => {
    const topic = await bench.topicWith(1)
    const wrong = await mq(bench.consume(topic, '--sql', "TAGS != 'x'"))
    const both = await mq(bench.consume(topic, '--sql', 'a = 1', '--tags', 'x'))

    expect(wrong.stderr).toContain(`'TAGS != 'x'' is no SQL92 expression: '!' at character 6 means nothing`)
    expect([wrong.code, both.code]).toEqual([2, 2])
  })
})

describe('tracing', () => {
  test('leaves a trace of what was consumed', async () => {
    const topic = await bench.topicWith(2)

    await mq(bench.consume(topic, '-g', 'traced', ...once, '-o', 'none', '--trace'))
    const traces = await mq(bench.consume('RMQ_SYS_TRACE_TOPIC', ...once, '-o', 'raw'))

    expect(traces.stdout.match(/SubAfter\u0001/g)).toHaveLength(2)
  })
})
