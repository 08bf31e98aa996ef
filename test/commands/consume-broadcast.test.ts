import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { all, ConsumeBench, numbersOf, QUEUES, sorted, upTo } from '../support/consume-bench.ts'
import { memoryBroker, mq, said, temporaryFolder } from '../support/mq.ts'

let bench: ConsumeBench
let state: ReturnType<typeof temporaryFolder>
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())
beforeEach(() => {
  state = temporaryFolder()
})
afterEach(() => state.remove())

const broadcast = (topic: string, ...flags: string[]) =>
  mq(bench.consume(topic, '-g', 'audit', '--broadcast', ...flags), { env: { MQ_STATE_DIR: state.path } })

/** The one offsets file there is. */
function offsetsFile(): string {
  const files = readdirSync(state.path, { recursive: true, encoding: 'utf8' })
  return path.join(state.path, files.find((file) => file.endsWith('offsets.json')) ?? 'none')
}

test('a broadcasting member gets everything, goes on from its file, and commits nothing at the broker', async () => {
  const topic = await bench.topicWith(100)

  const first = await broadcast(topic, ...all)
  await bench.send(topic, { from: 101, to: 120 })
  const second = await broadcast(topic, ...all)

  expect(sorted(numbersOf(first.stdout))).toEqual(upTo(100))
  expect(first.stderr).toContain(`@DEFAULT, offsets are kept in ${path.join(state.path, 'broadcast')}`)
  expect(sorted(numbersOf(second.stdout))).toEqual(upTo(120).slice(100))
  expect(second.stderr).toContain('--from first did not count in 4 of 4 queues: audit has committed offsets there')
  expect(await bench.committed('audit', topic)).toBe(0)
  expect(readFileSync(offsetsFile(), 'utf8').split('"queueId"')).toHaveLength(QUEUES + 1)
})

test('members of different names have offsets of their own, and so have different clusters', async () => {
  const topic = await bench.topicWith(8)
  await broadcast(topic, ...all)

  const other = await broadcast(topic, '--instance', 'second', ...all)
  const elsewhere = await memoryBroker()
  const at = ['-n', elsewhere.address]
  await mq(['topics', 'create', topic, '--queues', '4', ...at])
  await mq(['produce', topic, '--body', '1', ...at])
  const env = { MQ_STATE_DIR: state.path }
  const there = await mq(['consume', topic, '-g', 'audit', '--broadcast', ...all, ...at], { env })
  await elsewhere.close()

  expect(sorted(numbersOf(other.stdout))).toEqual(upTo(8))
  expect(numbersOf(there.stdout)).toEqual([1])
})

test('two members of one name on one host are told of it', async () => {
  const topic = await bench.topicWith(4)
  let second = ''
  const env = { MQ_STATE_DIR: state.path }
  await mq(bench.consume(topic, '-g', 'audit', '--broadcast', '-o', 'none'), {
    env,
    during: async (child) => {
      await said(child, 'owning')
      second = (await broadcast(topic, ...all)).stderr
      child.kill('SIGINT')
    },
  })

  expect(second).toContain('give one of them a name of its own (--instance NAME)')
})

test('what fails is passed over and not sent back', async () => {
  const topic = await bench.topicWith(4)

  const { stderr, code } = await broadcast(
    ...[topic, '--from', 'first', '--until-caught-up', '--exec', 'read n; test "$n" != 3'],
  )
  const again = await broadcast(topic, ...all)

  expect(stderr).toContain('3 messages in ')
  expect(stderr).toContain('1 failed')
  expect(code).toBe(0)
  expect(again.stdout).toBe('')
})

test('broken offsets end the command with what to do', async () => {
  const topic = await bench.topicWith(4)
  await broadcast(topic, ...all)
  const file = offsetsFile()
  for (const name of [file, `${file}.bak`]) writeFileSync(name, '{\n\t"offsetTable":{{')

  const { stderr, stdout, code } = await broadcast(topic, ...all)

  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('nor its backup can be read')
  expect(stderr).toContain('put a good copy back, or remove both')
})
