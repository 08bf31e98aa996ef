import { describe, expect, test } from 'vitest'
import type { OwnedQueueItem } from '../../../src/cli/rebalance/allocation-items.ts'
import { matrixColumns, matrixRows } from '../../../src/cli/rebalance/allocation-matrix.ts'
import { declaredStrategy } from '../../../src/cli/rebalance/declared-strategy.ts'
import { plantedInfo } from '../../support/planted-members.ts'

const client = (clientId: string, queues: number | null) => ({
  clientId,
  address: '10.0.0.1:1',
  addresses: ['10.0.0.1:1'],
  language: 'JAVA',
  version: '5.5.0',
  strategy: 'average',
  queues,
})

const queue = (
  broker: string,
  queue: number,
  owners: string[],
  locked: boolean | null = null,
  topic = 'orders',
): OwnedQueueItem => ({ topic, broker, queue, owners, locked })

describe('the matrix of members and topics', () => {
  test('puts queues in ranges by broker, and marks what is odd', () => {
    const queues = [
      queue('a', 0, ['x'], true),
      queue('a', 1, ['x'], true),
      queue('a', 2, ['x'], false),
      queue('a', 3, ['x', 'y'], false),
      queue('b', 0, ['x'], true),
      queue('b', 1, [], null),
    ]
    const rows = matrixRows({ clients: [client('x', 5), client('y', 1)], queues })

    expect(rows.map(({ client, cells, queues }) => [client?.clientId, cells.get('orders'), queues])).toEqual([
      ['x', 'a:0-1,2?,3!? b:0', 5],
      ['y', 'a:3!?', 1],
      [undefined, 'b:1', 1],
    ])
  })

  test('has a column for each topic', () => {
    const queues = [queue('a', 0, ['x'], null, 'b-topic'), queue('a', 0, ['x'], null, 'a-topic')]

    expect(
      matrixColumns(queues)
        .map(({ head }) => head)
        .slice(-2),
    ).toEqual(['a-topic', 'b-topic'])
  })
})

describe('the strategy a member declares', () => {
  test.each([
    ['org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle@1b2c3d', 'circle'],
    ['org.apache.rocketmq.client.consumer.rebalance.AllocateMachineRoomNearby@7', 'machine-room-nearby'],
    ['com.example.Sharing$Mine@1a', 'Mine'],
    ['AVG', 'average'],
    ['MACHINE_ROOM_NEARBY-AVG', 'machine-room-nearby'],
    ['mine', 'mine'],
    ['', undefined],
  ])('%s is %s', (told, expected) => {
    const info = plantedInfo({ subscriptions: {}, holds: [], properties: { allocateMessageQueueStrategy: told } })

    expect(declaredStrategy({ info })).toBe(expected)
  })

  test('is none where the broker shares, or nothing is told', () => {
    const info = plantedInfo({ subscriptions: {}, holds: [], properties: { clientRebalance: 'false' } })

    expect([declaredStrategy({ info }), declaredStrategy({ info: undefined })]).toEqual([undefined, undefined])
  })
})
