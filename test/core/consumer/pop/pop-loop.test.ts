import { describe, expect, it } from 'vitest'
import { PopLoop } from '../../../../src/core/consumer/pop/pop-loop.ts'
import type { Pop, PoppedMessage, PopResult } from '../../../../src/core/consumer/pop/pop-message.ts'
import { ProcessQueue } from '../../../../src/core/consumer/process-queue.ts'
import { BrokerResponseError } from '../../../../src/core/errors.ts'
import { type PopHandle, ResponseCode, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { message } from '../../../support/messages.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const handle: PopHandle = {
  startOffset: 0,
  popTime: 0,
  invisibleTime: 60_000,
  reviveQueueId: 0,
  retry: '0',
  brokerName: 'broker-a',
  queueId: 0,
  queueOffset: 0,
}
const found = (count: number): PopResult => ({
  status: 'FOUND',
  rest: 0,
  messages: Array.from({ length: count }, (_, queueOffset) => ({ message: message({ queueOffset }), handle })),
})
const empty = (rest = 0): PopResult => ({ status: 'EMPTY', rest, messages: [] })

/** A pop loop whose pops the test answers. */
async function looping() {
  const clock = new VirtualClock()
  const queue = new ProcessQueue({ topic: 'T', brokerName: 'broker-a', queueId: -1 }, 0, { anyOrder: true })
  const pops: { readonly pop: Pop; readonly answer: (result: PopResult | Error) => Promise<void> }[] = []
  const handedBack: PoppedMessage[] = []
  const loop = new PopLoop(
    {
      clock,
      logger: silentLogger,
      pops: {
        pop: (pop) =>
          new Promise((resolve, reject) => {
            const answer = async (result: PopResult | Error): Promise<void> => {
              if (result instanceof Error) reject(result)
              else resolve(result)
              await clock.settle()
            }
            pops.push({ pop, answer })
          }),
      },
      popped: {
        add: (to, popped) => {
          to.put(popped.map((each) => each.message))
        },
        handBack: (_, popped) => {
          handedBack.push(...popped)
        },
      },
      subscriptionOf: (topic) => tagSubscription(topic, '*', 1),
      batchNums: 32,
      invisibleMs: 60_000,
      threshold: 3,
      fromFirst: true,
      resumed: () => Promise.resolve(),
      arrived: () => undefined,
      observe: () => undefined,
    },
    queue,
  )
  const stop = new AbortController()
  let ended = false
  void loop.run(stop.signal).then(() => {
    ended = true
  })
  const last = () => pops.at(-1)!
  await clock.settle()
  return { clock, queue, pops, handedBack, loop, stop, last, ended: () => ended }
}

const refused = (responseCode: number): Error =>
  new BrokerResponseError({ address: 'b', operation: 'popMessage', responseCode, responseName: '', remark: undefined })

describe('a pop loop', () => {
  it('is not held by the broker until it has seen the end, and is caught up when that much is finished', async () => {
    const { queue, loop, last } = await looping()
    expect(last().pop).toMatchObject({ pollMs: 0, maxMessages: 32, invisibleMs: 60_000, fromFirst: true })
    await last().answer(found(2))
    expect([last().pop.pollMs, loop.caughtUp]).toEqual([0, false])
    await last().answer(empty())
    expect([last().pop.pollMs, loop.caughtUp]).toEqual([15_000, false])
    await last().answer(found(1))
    queue.take(2)
    queue.finish(0)
    queue.finish(1)
    expect(loop.caughtUp).toBe(true)
  })

  it('does not take for the end that others are popping what is left', async () => {
    const { clock, pops, last } = await looping()
    await last().answer(empty(5))
    expect(pops).toHaveLength(1)
    await clock.advance(200)
    expect(last().pop.pollMs).toBe(0)
    expect(pops).toHaveLength(2)
  })

  it('waits while more than the threshold is unfinished', async () => {
    const { clock, queue, pops, last } = await looping()
    await last().answer(found(5))
    expect(pops).toHaveLength(1)
    queue.take(5)
    queue.finish(4)
    await clock.settle()
    expect(pops).toHaveLength(1)
    queue.finish(2)
    await clock.settle()
    expect(pops).toHaveLength(2)
  })

  it.each([
    ['a broker that answers at once instead of holding', empty(), 200],
    ['a broker that holds too many', { ...empty(), status: 'POLLING_FULL' } as const, 1000],
    ['flow control', refused(ResponseCode.FLOW_CONTROL), 20],
    ['an error', refused(ResponseCode.SYSTEM_ERROR), 1000],
  ])('asks again after a while: %s', async (_, answer, waitMs) => {
    const { clock, pops, last } = await looping()
    await last().answer(empty())
    await last().answer(answer)
    expect(pops).toHaveLength(2)
    await clock.advance(waitMs - 1)
    expect(pops).toHaveLength(2)
    await clock.advance(1)
    expect(pops).toHaveLength(3)
  })

  it('that is left takes what its last pop brings; that is ended hands it back', async () => {
    const left = await looping()
    left.loop.leave()
    await left.clock.settle()
    expect(left.ended()).toBe(false)
    await left.last().answer(found(2))
    expect([left.ended(), left.queue.backlog.count, left.handedBack.length]).toEqual([true, 2, 0])

    const ended = await looping()
    ended.stop.abort(new DOMException('closed', 'AbortError'))
    await ended.clock.settle()
    expect(ended.ended()).toBe(true)
    await ended.last().answer(found(2))
    expect([ended.queue.backlog.count, ended.handedBack.length]).toEqual([0, 2])
  })
})
