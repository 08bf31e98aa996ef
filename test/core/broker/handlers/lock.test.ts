import { describe, expect, it } from 'vitest'
import type { TestClient } from '../test-broker.ts'
import { startTestBroker } from '../test-broker.ts'

const queues = [0, 1, 2].map((queueId) => ({ topic: 'orders', brokerName: 'broker-a', queueId }))

async function lock(client: TestClient, clientId: string, mqSet = queues, consumerGroup = 'g'): Promise<number[]> {
  const body = { clientId, consumerGroup, mqSet, onlyThisBroker: false }
  const answer = await client.invoke('lockBatchMq', { body })
  return answer.body.lockOKMQSet.map(({ queueId }) => queueId)
}

describe('queue locks', () => {
  it('belong to one member at a time, each group for itself', async () => {
    const { client } = await startTestBroker()

    expect(await lock(client, 'a', queues.slice(0, 2))).toEqual([0, 1])
    expect(await lock(client, 'b')).toEqual([2])
    expect(await lock(client, 'a')).toEqual([0, 1])
    expect(await lock(client, 'b', queues, 'other')).toEqual([0, 1, 2])
  })

  it('are taken over after 60 s without renewal', async () => {
    const { client, clock } = await startTestBroker()
    await lock(client, 'a')

    await clock.advance(60_000)
    expect(await lock(client, 'b')).toEqual([])
    await clock.advance(1)

    expect(await lock(client, 'b')).toEqual([0, 1, 2])
  })

  it('last as long as they are renewed, and outlive the connection', async () => {
    const { client, clock, connect } = await startTestBroker()
    const holder = connect()
    for (let i = 0; i < 6; i++) {
      await lock(holder, 'a')
      await clock.advance(20_000)
    }
    holder.close()
    await clock.settle()

    expect(await lock(client, 'b')).toEqual([])
  })

  it('are freed by their holder only', async () => {
    const { client } = await startTestBroker()
    await lock(client, 'a')
    const unlock = (clientId: string) =>
      client.invoke('unlockBatchMq', { body: { clientId, consumerGroup: 'g', mqSet: queues, onlyThisBroker: false } })

    await unlock('b')
    expect(await lock(client, 'b')).toEqual([])
    await unlock('a')

    expect(await lock(client, 'b')).toEqual([0, 1, 2])
  })

  it('are not given to a client without a name', async () => {
    const { client } = await startTestBroker()

    expect(await lock(client, '')).toEqual([])
  })
})
