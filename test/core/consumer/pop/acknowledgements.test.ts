import { beforeEach, expect, it } from 'vitest'
import { Acknowledgements } from '../../../../src/core/consumer/pop/acknowledgements.ts'
import { mqVersion, type PopHandle, ResponseCode } from '../../../../src/core/protocol/index.ts'
import { RemotingClient } from '../../../../src/core/remoting/index.ts'
import { TaskScope } from '../../../../src/core/support/index.ts'
import { FakeNetwork, type FakePeer, FakeRefusal } from '../../../support/fake-network.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

let clock: VirtualClock
let broker: FakePeer
let remoting: RemotingClient
let acks: Acknowledgements
let warnings: string[]

beforeEach(() => {
  clock = new VirtualClock()
  warnings = []
  const network = new FakeNetwork(clock)
  broker = network
    .listen('b:1')
    .on('ackMessage', () => ({ outcome: 'OK' }))
    .on('batchAckMessage', () => ({ outcome: 'OK' }))
  broker.version = mqVersion('5.5.0') ?? 0
  remoting = new RemotingClient({ clock, connect: network.connect })
  const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => warnings.push(text) }
  const scope = new TaskScope({ clock, onError: (error) => warnings.push(String(error)) })
  const masterOf = (): Promise<string> => Promise.resolve('b:1')
  acks = new Acknowledgements({ group: 'g', clock, logger, scope, remoting, masterOf })
})

const handle = (queueOffset: number, parts: Partial<PopHandle> = {}): PopHandle => ({
  startOffset: 100,
  popTime: 17,
  invisibleTime: 60_000,
  reviveQueueId: 2,
  retry: '0',
  brokerName: 'broker-a',
  queueId: 1,
  queueOffset,
  ...parts,
})
const add = (which: PopHandle, validMs = 60_000): void => {
  acks.add({ topic: 'T', handle: which, validUntil: clock.monotonic() + validMs })
}

it('a message alone is acknowledged alone, in the topic it lies in', async () => {
  add(handle(103, { retry: '1', queueId: 0 }))
  await clock.settle()
  expect(broker.requests('ackMessage')).toEqual([
    {
      consumerGroup: 'g',
      topic: '%RETRY%g_T',
      queueId: 0,
      extraInfo: '100 17 60000 2 1 broker-a 0 103',
      offset: 103,
      bname: 'broker-a',
    },
  ])
})

it('what ends during a request goes together: a batch for each pop, as bits', async () => {
  add(handle(100))
  await clock.settle()
  for (const offset of [100, 103, 109]) add(handle(offset))
  add(handle(5, { startOffset: 5, queueId: 3 }))
  await clock.settle()
  const common = { c: 'g', it: 60_000, pt: 17, r: '0', rq: 2, t: 'T' }
  expect(broker.requests('batchAckMessage').map(({ body }) => body)).toEqual([
    {
      brokerName: 'broker-a',
      acks: [
        { ...common, b: 'CQI=', q: 1, so: 100 },
        { ...common, b: 'AQ==', q: 3, so: 5 },
      ],
    },
  ])
})

it('one by one where batches are not known, or a message lies too far off', async () => {
  broker.version = mqVersion('5.0.0') ?? 0
  add(handle(100))
  await clock.settle()
  add(handle(101))
  add(handle(102))
  await clock.settle()
  expect(broker.count('ackMessage')).toBe(3)

  broker.version = mqVersion('5.5.0') ?? 0
  add(handle(103))
  await clock.settle()
  add(handle(104))
  add(handle(1e15))
  await clock.settle()
  expect([broker.count('ackMessage'), broker.count('batchAckMessage')]).toEqual([6, 0])
})

it('is repeated while that helps, and not for what a broker will never take', async () => {
  let busy = 2
  broker.on('ackMessage', ({ offset }) => {
    if (offset === 200) return new FakeRefusal(ResponseCode.NO_MESSAGE)
    return busy-- > 0 ? new FakeRefusal(ResponseCode.SYSTEM_BUSY) : { outcome: 'OK' }
  })
  add(handle(200))
  await clock.settle()
  add(handle(100))
  await clock.advance(5000)
  expect(broker.requests('ackMessage').map(({ offset }) => offset)).toEqual([200, 100, 100, 100])

  busy = 100
  add(handle(101), 2500)
  await clock.advance(10_000)
  expect(broker.count('ackMessage')).toBe(7)
  expect(warnings.at(-1)).toBe('1 popped messages were not acknowledged in time; they come again')
})

it('tells when nothing is left to be told, or that it takes too long', async () => {
  await acks.settled(1000)
  add(handle(100))
  let settled = false
  void acks.settled(1000).then(() => {
    settled = true
  })
  await clock.settle()
  expect(settled).toBe(true)

  broker.on('ackMessage', () => undefined)
  add(handle(101))
  settled = false
  void acks.settled(1000).then(() => {
    settled = true
  })
  await clock.advance(900)
  expect(settled).toBe(false)
  await clock.advance(200)
  expect(settled).toBe(true)
})
