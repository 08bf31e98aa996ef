import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { Observer, startLiveBroker } from '../support/live-broker.ts'
import { messagesOf, Program, type ToldMessage } from '../support/program.ts'

const QUEUES = 4
const TOTAL = 1500

let broker: EmbeddedBroker
let observer: Observer

beforeEach(async () => {
  broker = await startLiveBroker()
  observer = new Observer(broker.address)
  await observer.createTopic('orders', QUEUES)
})

afterEach(async () => {
  await observer.close()
  await broker.close()
})

const consumer = (...args: string[]): Program =>
  new Program('consumer', ['--namesrv', broker.address, '--topic', 'orders', '--group', 'g', ...args])

/** The lowest offset of each queue that is not among these messages. */
function firstMissing(messages: readonly ToldMessage[]): number[] {
  return Array.from({ length: QUEUES }, (_, queueId) => {
    const offsets = new Set(messages.filter((each) => each.queueId === queueId).map(({ offset }) => offset))
    let first = 0
    while (offsets.has(first)) first += 1
    return first
  })
}

it('a consumer killed again and again loses nothing, and repeats only what was not committed', async () => {
  await observer.produce(
    'orders',
    Array.from({ length: TOTAL }, (_, number) => number),
  )
  const all: ToldMessage[] = []
  let start = Array.from({ length: QUEUES }, () => 0)
  let budget = 0
  for (const before of [100, 350, 20, 200]) {
    const program = consumer('--takes', '10')
    await program.until(() => messagesOf(program).length >= before)
    await program.kill()
    await observer.untilNobody('g')

    const told = messagesOf(program)
    for (const [queueId, offset] of start.entries()) {
      const first = told.find((each) => each.queueId === queueId)
      if (first) expect(first.offset).toBe(offset)
    }
    all.push(...told)
    start = await observer.committed('g', 'orders')
    for (const [queueId, first] of firstMissing(all).entries()) expect(start[queueId]).toBeLessThanOrEqual(first)
    budget += told.filter(({ queueId, offset }) => offset >= (start[queueId] ?? 0)).length
  }

  const last = consumer()
  await last.until(() => new Set([...all, ...messagesOf(last)].map(({ body }) => body)).size === TOTAL)
  expect(await last.stop()).toBe(0)
  all.push(...messagesOf(last))

  expect(all.length - TOTAL).toBeLessThanOrEqual(budget)
  // Offsets are stored every 200 ms and ride along with pulls: some of it was.
  expect(budget).toBeLessThan(670)
  expect(await observer.committed('g', 'orders')).toEqual(await observer.ends('orders'))
})

it('a member killed in a group leaves its queues to the others, and nothing is lost', async () => {
  const members = [consumer('--takes', '3'), consumer('--takes', '3'), consumer('--takes', '3')]
  await Promise.all(members.map((member) => member.until(() => member.lines.includes('started'))))
  const numbers = Array.from({ length: TOTAL }, (_, number) => number)
  const producing = observer.produce('orders', numbers)
  const [first, ...others] = members
  await first?.until(() => messagesOf(first).length > 50)
  await first?.kill()
  await producing

  const seen = () => new Set(members.flatMap((member) => messagesOf(member)).map(({ body }) => body))
  await others[0]?.until(() => seen().size === TOTAL)
  for (const member of others) expect(await member.stop()).toBe(0)

  expect(await observer.committed('g', 'orders')).toEqual(await observer.ends('orders'))
})

it.each([
  ['with nothing to do', []],
  ['with calls that take a while', ['--takes', '300']],
  ['with a listener that never returns', ['--takes', 'never', '--await-ms', '200']],
  ['with messages that all fail', ['--fail-times', '99']],
])('a consumer that has left, %s, leaves no timer and no socket: its process ends by itself', async (name, args) => {
  if (name !== 'with nothing to do') await observer.produce('orders', [1, 2, 3, 4, 5, 6, 7, 8])
  const program = consumer(...args)
  await program.until(() => program.lines.includes('started'))
  if (name !== 'with nothing to do') await program.until(() => messagesOf(program).length > 0)
  const asked = performance.now()

  expect(await program.stop()).toBe(0)

  expect(program.lines.at(-1)).toBe('closed')
  expect(performance.now() - asked).toBeLessThan(3000)
})

it('a consumer whose broker is gone ends by itself all the same', async () => {
  const program = consumer()
  await program.until(() => program.lines.includes('started'))
  await broker.close()

  expect(await program.stop()).toBe(0)

  expect(program.lines.at(-1)).toBe('closed')
})
