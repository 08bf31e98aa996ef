import { describe, expect, it } from 'vitest'
import type { TestClient } from '../test-broker.ts'
import { refusal, startTestBroker } from '../test-broker.ts'

/** How often the broker told a client that a group's members changed. */
function notices(client: TestClient, group: string): number {
  return client.asked.filter(({ code, extFields }) => code === 40 && extFields.get('consumerGroup') === group).length
}

describe('heartbeats', () => {
  it('make a group, its retry topic and its member known', async () => {
    const { client } = await startTestBroker()

    await client.heartbeat('c1', 'g', ['orders', '%RETRY%g'])

    const retry = await client.invoke('getTopicConfig', { topic: '%RETRY%g' })
    const members = await client.invoke('getConsumerListByGroup', { consumerGroup: 'g' })
    const groups = await client.invoke('getAllSubscriptionGroupConfig', {})
    expect(retry.body).toMatchObject({ perm: 6, readQueueNums: 1, writeQueueNums: 1 })
    expect(members.body.consumerIdList).toEqual(['c1'])
    expect(groups.body.subscriptionGroupTable.get('g')).toMatchObject({ retryMaxTimes: 16, retryQueueNums: 1 })
  })

  it('tell every member, also the one who caused it, within the same instant', async () => {
    const { client, connect, clock } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'])
    const second = connect()
    const before = clock.now()

    await second.heartbeat('c2', 'g', ['orders'])
    await clock.settle()

    expect([notices(client, 'g'), notices(second, 'g')]).toEqual([2, 1])
    expect(clock.now()).toBe(before)
  })

  it('tell nobody when nothing changed, nor of a newer version of a subscription', async () => {
    const { client, clock } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'])
    await client.heartbeat('c1', 'g', ['orders'])
    await client.heartbeat('c1', 'g', ['orders'], { subVersion: 2, tags: 'B' })
    await clock.settle()

    expect(notices(client, 'g')).toBe(1)
    const { body } = await client.invoke('getConsumerConnectionList', { consumerGroup: 'g' })
    expect(body.subscriptionTable.get('orders')).toMatchObject({ subString: 'B', subVersion: 2 })
  })

  it('replace the topics of the group, and that is told', async () => {
    const { client, connect, clock } = await startTestBroker()
    const second = connect()
    await client.heartbeat('c1', 'g', ['orders', 'bills'])
    await second.heartbeat('c2', 'g', ['orders'])
    await clock.settle()

    const { body } = await client.invoke('getConsumerConnectionList', { consumerGroup: 'g' })

    expect([...body.subscriptionTable.keys()]).toEqual(['orders'])
    expect(body.connectionSet.map(({ clientId }) => clientId)).toEqual(['c1', 'c2'])
  })

  it('of broadcasting groups are told to nobody', async () => {
    const { client, connect, clock } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'], { messageModel: 'BROADCASTING' })
    await connect().heartbeat('c2', 'g', ['orders'], { messageModel: 'BROADCASTING' })
    await clock.settle()

    expect(notices(client, 'g')).toBe(0)
  })

  it('are not told to a group that wants no notices', async () => {
    const { client, connect, clock } = await startTestBroker()
    const { body } = await client.invoke('getSubscriptionGroupConfig', { group: 'g' })
    await client.invoke('updateAndCreateSubscriptionGroup', {
      body: { ...body, notifyConsumerIdsChangedEnable: false },
    })

    await client.heartbeat('c1', 'g', ['orders'])
    await connect().heartbeat('c2', 'g', ['orders'])
    await clock.settle()

    expect(notices(client, 'g')).toBe(0)
  })

  it('ask a light sender for its subscriptions unless they are known', async () => {
    const { client, connect } = await startTestBroker()
    const light = { fingerprint: 7, withoutSub: true }

    expect(await client.heartbeat('c1', 'g', [], light)).toMatchObject({ supportsV2: true, subscriptionsChanged: true })
    expect(await client.heartbeat('c1', 'g', ['orders'], { fingerprint: 7 })).toMatchObject({
      subscriptionsChanged: false,
    })
    expect(await client.heartbeat('c1', 'g', [], light)).toMatchObject({ subscriptionsChanged: false })
    expect(await connect().heartbeat('c2', 'g', [], light)).toMatchObject({ subscriptionsChanged: true })
    expect(await client.heartbeat('c1', 'g', ['orders'], { fingerprint: 8 })).toMatchObject({
      subscriptionsChanged: true,
    })
    const { body } = await client.invoke('getConsumerConnectionList', { consumerGroup: 'g' })
    expect([...body.subscriptionTable.keys()]).toEqual(['orders'])
  })
})

describe('leaving a group', () => {
  it('by unregistering is told to the others at once', async () => {
    const { client, connect, clock } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'])
    const second = connect()
    await second.heartbeat('c2', 'g', ['orders'])

    await second.invoke('unregisterClient', { clientID: 'c2', consumerGroup: 'g' })
    await clock.settle()

    expect(notices(client, 'g')).toBe(3)
    expect((await client.invoke('getConsumerListByGroup', { consumerGroup: 'g' })).body.consumerIdList).toEqual(['c1'])
  })

  it('by closing the connection is told to the others at once', async () => {
    const { client, connect, clock } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'])
    const second = connect()
    await second.heartbeat('c2', 'g', ['orders'])

    second.close()
    await clock.settle()

    expect(notices(client, 'g')).toBe(3)
  })

  it('happens after 120 s of silence, is told to the others, and closes the connection', async () => {
    const { client, connect, clock } = await startTestBroker()
    const silent = connect()
    await silent.heartbeat('c2', 'g', ['orders'])
    for (let i = 0; i < 4; i++) {
      await client.heartbeat('c1', 'g', ['orders'])
      await clock.advance(30_000)
    }
    const { body } = await client.invoke('getConsumerListByGroup', { consumerGroup: 'g' })
    expect(body.consumerIdList).toEqual(['c2', 'c1'])
    const told = notices(client, 'g')

    await clock.advance(10_000)

    const later = await client.invoke('getConsumerListByGroup', { consumerGroup: 'g' })
    expect(later.body.consumerIdList).toEqual(['c1'])
    expect(notices(client, 'g')).toBe(told + 1)
  })
})

describe('lists of members', () => {
  it('show each connection with its address, language and version', async () => {
    const { client } = await startTestBroker()
    await client.heartbeat('c1', 'g', ['orders'])

    const { body } = await client.invoke('getConsumerConnectionList', { consumerGroup: 'g' })

    expect(body).toMatchObject({
      connectionSet: [{ clientAddr: '10.0.0.9:40000', clientId: 'c1', language: 'OTHER', version: 399 }],
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    })
  })

  it('refuse a group that is not online, each with its own code', async () => {
    const { client } = await startTestBroker()

    expect(await refusal(client.invoke('getConsumerListByGroup', { consumerGroup: 'g' }))).toEqual({
      code: 1,
      remark: 'no consumer for this group, g',
    })
    expect((await client.raw({ code: 203, extFields: new Map([['consumerGroup', 'g']]) })).code).toBe(206)
    expect((await refusal(client.invoke('getProducerConnectionList', { producerGroup: 'p' }))).code).toBe(1)
  })

  it('know producers until they leave', async () => {
    const { client } = await startTestBroker()
    const heartbeat = { consumerDataSet: [], heartbeatFingerprint: 0, withoutSub: false }
    await client.invoke('heartBeat', { body: { clientID: 'p1', producerDataSet: [{ groupName: 'p' }], ...heartbeat } })

    const { body } = await client.invoke('getProducerConnectionList', { producerGroup: 'p' })
    await client.invoke('unregisterClient', { clientID: 'p1', producerGroup: 'p' })

    expect(body.connectionSet.map(({ clientId }) => clientId)).toEqual(['p1'])
    expect((await refusal(client.invoke('getProducerConnectionList', { producerGroup: 'p' }))).code).toBe(1)
  })
})

describe('checking a client’s settings', () => {
  it('accepts tags and SQL and refuses what cannot be filtered by', async () => {
    const { client } = await startTestBroker()
    const check = (expressionType: string, subString = 'a > 5') =>
      client.invoke('checkClientConfig', {
        body: {
          clientId: 'c1',
          group: 'g',
          subscriptionData: {
            topic: 'orders',
            subString,
            tagsSet: [],
            codeSet: [],
            subVersion: 1,
            expressionType,
            classFilterMode: false,
          },
        },
      })

    expect(await check('TAG')).toMatchObject({ outcome: 'OK' })
    expect(await check('SQL92')).toMatchObject({ outcome: 'OK' })
    expect((await refusal(check('SQL92', 'a >'))).code).toBe(23)
    expect((await refusal(check('CLASS'))).code).toBe(23)
  })
})
