import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, ConsumeBench, numbersOf, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

/** A file with a strategy, by its path. */
function strategyFile(name: string, source: string): string {
  const file = bench.file(name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, source)
  return file
}

test.each([
  ['average', []],
  ['circle', []],
  ['consistent-hash', []],
] as const)('a member that is alone gets every queue by %s', async (strategy, more) => {
  const topic = await bench.topicWith(40)

  const { stdout, stderr, code } = await mq(bench.consume(topic, '-g', 'g1', '--strategy', strategy, ...more, ...all))

  expect(sorted(numbersOf(stdout))).toEqual(upTo(40))
  expect(stderr).toContain(': broker-a:0-3\n')
  expect(code).toBe(0)
})

test('a member that is told its queues has no others', async () => {
  const topic = await bench.topicWith(40)

  const { stdout, code } = await mq(
    bench.consume(topic, '-g', 'g2', '--strategy', 'config', '--queue', 'broker-a:1,broker-a:3', ...all),
  )

  expect(sorted(numbersOf(stdout))).toEqual(upTo(40).filter((number) => number % 2 === 1))
  expect(code).toBe(0)
})

test.each([
  ['even.mjs', 'export default ({ queues }) => queues.filter(({ queueId }) => queueId % 2 === 0)'],
  [
    'even.js',
    'export default { name: "EVEN", allocate: ({ queues }) => queues.filter(({ queueId }) => queueId % 2 === 0) }',
  ],
])('a strategy of your own comes from the default export of %s', async (name, source) => {
  const topic = await bench.topicWith(40)
  writeFileSync(bench.file('package.json'), '{ "type": "module" }')
  const file = path.relative(process.cwd(), strategyFile(name, source))

  const { stdout, code } = await mq(bench.consume(topic, '-g', `g-${name.length}`, '--strategy', file, ...all))

  expect(sorted(numbersOf(stdout))).toEqual(upTo(40).filter((number) => number % 2 === 0))
  expect(code).toBe(0)
})

test.each([
  ['which is not there', undefined, 2, /--strategy: there is no file/],
  ['that is no JavaScript', 'export default (', 2, /cannot be loaded: SyntaxError: Unexpected/],
  ['without a default export', 'export const allocate = () => []', 2, /has no default export/],
  ['whose default export is something else', 'export default { name: "X" }', 2, /a default export that is no strategy/],
  ['that throws', 'export default () => { throw new Error("no idea") }', 1, /failed: no idea/],
  ['that answers later', 'export default async () => []', 1, /a promise; it has to answer at once/],
  ['that gives no list', 'export default () => 5', 1, /no list of queues/],
  [
    'that gives a queue of another topic',
    'export default () => [{ topic: "other", brokerName: "broker-a", queueId: 0 }]',
    1,
    /broker-a:0 of other, which is no queue of/,
  ],
  ['that gives a queue twice', 'export default ({ queues: [first] }) => [first, first]', 1, /broker-a:0 twice/],
] as const)('a file %s ends the command before it joins', async (what, source, exit, message) => {
  const topic = await bench.topicWith(4)
  const name = `${what.replaceAll(' ', '-')}.mjs`
  const file = source === undefined ? bench.file(name) : strategyFile(name, source)

  const { stdout, stderr, code } = await mq(bench.consume(topic, '-g', 'g3', '--strategy', file, ...all))

  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('owning')
  expect([stdout, code]).toEqual(['', exit])
})

test('a queue that the topic does not have, and a broker in no room, end the command, too', async () => {
  const topic = await bench.topicWith(4)

  const queue = await mq(bench.consume(topic, '-g', 'g4', '--strategy', 'config', '--queue', 'broker-a:9', ...all))
  const room = await mq(bench.consume(topic, '-g', 'g4', '--strategy', 'machine-room-nearby', '--room', 'a', ...all))

  expect(queue.stderr).toContain('there is no queue broker-a:9')
  expect(queue.code).toBe(7)
  expect(room.stderr).toContain('nobody knows the machine room of broker broker-a')
  expect(room.code).toBe(1)
})
