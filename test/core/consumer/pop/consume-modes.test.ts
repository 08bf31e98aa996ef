import { beforeEach, expect, it } from 'vitest'
import { ConsumeModes } from '../../../../src/core/consumer/pop/consume-modes.ts'
import { mqVersion, ResponseCode } from '../../../../src/core/protocol/index.ts'
import { RemotingClient } from '../../../../src/core/remoting/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { FakeNetwork, type FakePeer, FakeRefusal } from '../../../support/fake-network.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

let broker: FakePeer
let remoting: RemotingClient
let modes: ConsumeModes

beforeEach(() => {
  const clock = new VirtualClock()
  const network = new FakeNetwork(clock)
  broker = network.listen('broker:1').on('heartBeat', () => ({ outcome: 'OK' }))
  broker.version = mqVersion('5.5.0') ?? 0
  remoting = new RemotingClient({ clock, connect: network.connect })
  const logger = silentLogger
  const addressesFor = (topic: string): string[] => (topic === 'unknown' ? [] : ['broker:1'])
  modes = new ConsumeModes({ group: 'g', clientId: 'c', remoting, logger, addressesFor })
})

const answers = (assignments: readonly (readonly [number, string])[] | undefined): FakePeer =>
  broker.on('queryAssignment', ({ body: { topic } }) => ({
    outcome: 'OK',
    body: {
      messageQueueAssignments: assignments?.map(([queueId, mode]) => ({
        messageQueue: { topic, brokerName: 'b', queueId },
        mode,
      })),
    },
  }))

it('is what the broker says, with the queues it gives for POP', async () => {
  answers([[-1, 'POP']])
  expect(await modes.ask('T')).toEqual({ mode: 'POP', queues: [{ topic: 'T', brokerName: 'b', queueId: -1 }] })
  answers([[0, 'PULL']])
  expect(await modes.ask('T')).toEqual({ mode: 'PULL' })
  answers([])
  expect(await modes.ask('T')).toEqual({ mode: 'NONE' })
  answers(undefined)
  expect(await modes.ask('T')).toEqual({ mode: 'UNKNOWN' })
  expect(await modes.ask('unknown')).toEqual({ mode: 'UNKNOWN' })
  expect(broker.requests('queryAssignment')[0]?.body).toEqual({
    clientId: 'c',
    consumerGroup: 'g',
    messageModel: 'CLUSTERING',
    strategyName: 'AVG',
    topic: 'T',
  })
})

it('is asked once of a broker that does not know the question, until there is another one', async () => {
  await modes.ask('T')
  expect([await modes.ask('T'), await modes.ask('other')]).toEqual([{ mode: 'NO_POP' }, { mode: 'NO_POP' }])
  expect(broker.seen).toHaveLength(1)

  broker.version = mqVersion('5.6.0') ?? 0
  await remoting.invoke('broker:1', 'heartBeat', {
    body: {
      clientID: 'c',
      consumerDataSet: [],
      heartbeatFingerprint: 0,
      producerDataSet: [],
      withoutSub: false,
    },
  })
  answers([[0, 'PULL']])
  expect(await modes.ask('T')).toEqual({ mode: 'PULL' })
})

it('is never asked of a broker before 5.0', async () => {
  broker.version = mqVersion('4.9.7') ?? 0
  await remoting.invoke('broker:1', 'heartBeat', {
    body: { clientID: 'c', consumerDataSet: [], heartbeatFingerprint: 0, producerDataSet: [], withoutSub: false },
  })
  expect(await modes.ask('T')).toEqual({ mode: 'NO_POP' })
  expect(broker.count('queryAssignment')).toBe(0)
})

it('stays unknown when a broker refuses for now', async () => {
  broker.on('queryAssignment', () => new FakeRefusal(ResponseCode.SYSTEM_BUSY))
  expect(await modes.ask('T')).toEqual({ mode: 'UNKNOWN' })
  answers([[-1, 'POP']])
  expect((await modes.ask('T')).mode).toBe('POP')
})
