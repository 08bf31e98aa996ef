import { describe, expect, it } from 'vitest'
import { refusal, startTestBroker } from '../test-broker.ts'

const topic = { topic: 'orders', readQueueNums: 2, writeQueueNums: 3, perm: 6 }

describe('topics', () => {
  it('are made, changed, listed and routed', async () => {
    const { client } = await startTestBroker({ advertisedHost: '192.0.2.7' })
    await client.invoke('updateAndCreateTopic', { ...topic, order: true, attributes: '+message.type=FIFO' })
    await client.invoke('updateAndCreateTopic', { ...topic, perm: 4, attributes: '-message.type' })

    const route = await client.invoke('getRouteInfoByTopic', { topic: 'orders' })
    const all = await client.invoke('getAllTopicConfig', {})
    const names = await client.invoke('getAllTopicListFromNameServer', {})

    expect(route.body).toEqual({
      brokerDatas: [{ brokerAddrs: new Map([[0, '192.0.2.7:0']]), brokerName: 'broker-a', cluster: 'DefaultCluster' }],
      filterServerTable: new Map(),
      orderTopicConf: undefined,
      queueDatas: [{ brokerName: 'broker-a', perm: 4, readQueueNums: 2, topicSysFlag: 0, writeQueueNums: 3 }],
    })
    expect(all.body.topicConfigTable.get('orders')).toMatchObject({ perm: 4, order: false, attributes: new Map() })
    expect(names.body.topicList).toContain('orders')
  })

  it('keep their version when nothing changes, and get a new one when something does', async () => {
    const { client } = await startTestBroker()
    const version = async () => (await client.invoke('getAllTopicConfig', {})).body.dataVersion?.counter ?? 0
    await client.invoke('updateAndCreateTopic', topic)
    const made = await version()

    await client.invoke('updateAndCreateTopic', topic)
    expect(await version()).toBe(made)
    await client.invoke('updateAndCreateTopic', { ...topic, perm: 2 })

    expect(await version()).toBe(made + 1)
  })

  it('are refused with a bad name, the broker’s own name, a bad attribute or impossible queues', async () => {
    const { client } = await startTestBroker()
    const make = async (change: object) =>
      (await refusal(client.invoke('updateAndCreateTopic', { ...topic, ...change }))).code

    expect(await make({ topic: 'a.b' })).toBe(29)
    expect(await make({ topic: 'x'.repeat(128) })).toBe(29)
    expect(await make({ topic: 'TBW102' })).toBe(29)
    expect(await make({ topic: 'DefaultCluster' })).toBe(29)
    expect(await make({ attributes: '+message.type=LOUD' })).toBe(1)
    expect(await make({ attributes: '+colour=red' })).toBe(1)
    expect(await make({ attributes: 'message.type=FIFO' })).toBe(1)
    expect(await make({ readQueueNums: 0 })).toBe(29)
    expect(await make({ writeQueueNums: 70_000 })).toBe(29)
  })

  it('begin anew at offset 0 after they were deleted, without offsets or messages of before', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'old')
    await client.makeGroup('g')
    await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId: 0, commitOffset: 1 })

    await client.invoke('deleteTopicInBroker', { topic: 'orders' })
    expect((await refusal(client.invoke('getRouteInfoByTopic', { topic: 'orders' }))).code).toBe(17)
    const sent = await client.send('orders', 'new')

    expect(sent.queueOffset).toBe(0)
    expect((await client.messages('orders')).map(({ body }) => body.toString())).toEqual(['new'])
    const offset = client.invoke('queryConsumerOffset', {
      consumerGroup: 'g',
      topic: 'orders',
      queueId: 0,
      setZeroIfNotFound: false,
    })
    expect((await offset).outcome).toBe('NOT_FOUND')
  })

  it('may be deleted when they are not there, but not the broker’s own', async () => {
    const { client } = await startTestBroker()

    expect(await client.invoke('deleteTopicInBroker', { topic: 'nothing' })).toMatchObject({ outcome: 'OK' })
    expect((await refusal(client.invoke('deleteTopicInBroker', { topic: 'TBW102' }))).code).toBe(29)
  })

  it('of the broker itself are listed', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    const { body } = await client.invoke('getSystemTopicListFromBroker', {})

    expect(body.topicList).toContain('SCHEDULE_TOPIC_XXXX')
    expect(body.topicList).toContain('broker-a')
    expect(body.topicList).not.toContain('orders')
  })
})

describe('the name server’s answers', () => {
  it('describe a cluster of one broker', async () => {
    const { client } = await startTestBroker()

    const { body } = await client.invoke('getBrokerClusterInfo', {})
    const own = await client.invoke('getTopicsByCluster', { cluster: 'DefaultCluster' })
    const other = await client.invoke('getTopicsByCluster', { cluster: 'Other' })
    const system = await client.invoke('getSystemTopicListFromNameServer', {})

    expect([...body.clusterAddrTable]).toEqual([['DefaultCluster', ['broker-a']]])
    expect(body.brokerAddrTable.get('broker-a')?.brokerAddrs.get(0)).toBe('127.0.0.1:0')
    expect(own.body.topicList).toContain('TBW102')
    expect(other.body.topicList).toEqual([])
    expect(system.body.topicList).toEqual(['DefaultCluster', 'broker-a'])
  })

  it('offer the template of topics that do not exist yet', async () => {
    const { client } = await startTestBroker()

    const { body } = await client.invoke('getRouteInfoByTopic', { topic: 'TBW102' })

    expect(body.queueDatas[0]).toMatchObject({ perm: 7, readQueueNums: 8, writeQueueNums: 8 })
  })

  it('keep texts by namespace and key', async () => {
    const { client } = await startTestBroker()
    await client.invoke('putKvConfig', { namespace: 'N', key: 'a', value: '1' })
    await client.invoke('putKvConfig', { namespace: 'N', key: 'b', value: '2' })
    await client.invoke('putKvConfig', { namespace: 'M', key: 'a', value: '3' })
    await client.invoke('deleteKvConfig', { namespace: 'N', key: 'b' })

    expect(await client.invoke('getKvConfig', { namespace: 'N', key: 'a' })).toMatchObject({ value: '1' })
    expect(await client.invoke('getKvConfig', { namespace: 'N', key: 'b' })).toMatchObject({ outcome: 'NOT_FOUND' })
    expect((await client.invoke('getKvListByNamespace', { namespace: 'N' })).body.table).toEqual(new Map([['a', '1']]))
    expect((await refusal(client.invoke('getKvListByNamespace', { namespace: 'X' }))).code).toBe(22)
    const long = client.invoke('putKvConfig', { namespace: 'N', key: 'x'.repeat(2000), value: '1' })
    expect((await refusal(long)).code).toBe(29)
  })
})

describe('groups', () => {
  it('are kept as given and removed with their offsets only when asked', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    const queue = { consumerGroup: 'g', topic: 'orders', queueId: 0, setZeroIfNotFound: false }
    const { body } = await client.invoke('getSubscriptionGroupConfig', { group: 'g' })
    await client.invoke('updateAndCreateSubscriptionGroup', { body: { ...body, retryMaxTimes: 3 } })
    await client.invoke('updateConsumerOffset', { ...queue, commitOffset: 1 })

    const known = await client.invoke('getSubscriptionGroupConfig', { group: 'g' })
    expect(known.body.retryMaxTimes).toBe(3)
    await client.invoke('deleteSubscriptionGroup', { groupName: 'g' })
    expect((await client.invoke('getAllSubscriptionGroupConfig', {})).body.subscriptionGroupTable.has('g')).toBe(false)
    expect(await client.invoke('queryConsumerOffset', queue)).toMatchObject({ offset: 1 })
    await client.invoke('deleteSubscriptionGroup', { groupName: 'g', cleanOffset: true })

    expect(await client.invoke('queryConsumerOffset', queue)).toMatchObject({ outcome: 'NOT_FOUND' })
  })

  it('may be kept from a topic, and only from that, until they may read it again or are deleted', async () => {
    const { client } = await startTestBroker()
    for (const name of ['orders', 'payments']) await client.send(name, 'x')
    await client.makeGroup('g')
    const ask = (name: string, readable?: boolean) =>
      client.invoke('updateAndGetGroupForbidden', { group: 'g', topic: name, readable })
    const pull = (name: string) => client.pull(name, { group: 'g' })
    const table = async () => (await client.invoke('getAllSubscriptionGroupConfig', {})).body.forbiddenTable

    expect((await ask('orders')).body).toEqual({ group: 'g', topic: 'orders', readable: true })
    expect((await ask('orders', false)).body.readable).toBe(false)
    await ask('payments', false)
    expect((await refusal(pull('orders'))).code).toBe(16)
    expect(await table()).toEqual(
      new Map([
        [
          'g',
          new Map([
            ['orders', 4],
            ['payments', 4],
          ]),
        ],
      ]),
    )

    await ask('orders', true)
    expect((await pull('orders')).outcome).toBe('FOUND')
    expect((await refusal(pull('payments'))).code).toBe(16)
    await client.invoke('deleteSubscriptionGroup', { groupName: 'g' })
    expect(await table()).toEqual(new Map())
  })

  it('must have a possible name', async () => {
    const { client } = await startTestBroker()
    const { body } = await client.invoke('getSubscriptionGroupConfig', { group: 'g' })

    for (const groupName of ['', 'a b', 'x'.repeat(121)]) {
      const make = client.invoke('updateAndCreateSubscriptionGroup', { body: { ...body, groupName } })
      expect((await refusal(make)).code).toBe(29)
    }
  })

  it('of a topic are those online and those with an offset in it', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    await client.makeGroup('offline')
    await client.heartbeat('c1', 'online', ['orders'], { tags: 'A' })
    await client.invoke('updateConsumerOffset', {
      consumerGroup: 'offline',
      topic: 'orders',
      queueId: 0,
      commitOffset: 1,
    })

    const who = await client.invoke('queryTopicConsumeByWho', { topic: 'orders' })
    const topics = await client.invoke('queryTopicsByConsumer', { group: 'offline' })
    const wanted = await client.invoke('querySubscriptionByConsumer', { group: 'online', topic: 'orders' })
    const nothing = await client.invoke('querySubscriptionByConsumer', { group: 'offline', topic: 'orders' })

    expect(who.body.groupList).toEqual(['online', 'offline'])
    expect(topics.body.topicList).toEqual(['orders'])
    expect(wanted.body.subscriptionData?.subString).toBe('A')
    expect(nothing.body.subscriptionData).toBeUndefined()
  })
})

describe('the broker about itself', () => {
  it('tells every number mqadmin clusterList reads', async () => {
    const { client, clock } = await startTestBroker()
    for (let i = 0; i < 20; i++) await client.send('orders', 'a')
    await client.pull('orders')
    await client.send('orders', 'late', { properties: { DELAY: '5' } })
    await clock.advance(10_000)

    const { table } = (await client.invoke('getBrokerRuntimeInfo', {})).body

    expect(table.get('brokerVersionDesc')).toBe('V5_5_0')
    expect(table.get('putTps')).toBe('2.10 2.10 2.10')
    expect(table.get('getTransferredTps')).toBe('2.00 2.00 2.00')
    expect(table.get('msgPutTotalTodayNow')).toBe('21')
    expect(table.get('scheduleMessageOffset_5')).toBe('0,1')
    expect(table.get('scheduleMessageOffset_6')).toBe('0,0')
    expect(table.get('runtime')).toBe('[ 0 days, 0 hours, 0 minutes, 10 seconds ]')
    for (const name of [
      'ackThreadPoolQueueSize',
      'ackThreadPoolQueueHeadWaitTimeMills',
      'timerReadBehind',
      'timerOffsetBehind',
      'timerCongestNum',
      'timerEnqueueTps',
      'timerDequeueTps',
    ]) {
      expect(table.get(name)).toBe('0')
    }
    for (const name of [
      'earliestMessageTimeStamp',
      'commitLogDiskRatio',
      'consumeQueueDiskRatio',
      'pageCacheLockTimeMills',
    ]) {
      expect(Number(table.get(name))).not.toBeNaN()
    }
  })

  it('tells its settings as lines', async () => {
    const { client } = await startTestBroker({ delayLevels: '1s 2s' })

    const { body, version } = await client.invoke('getBrokerConfig', {})

    expect(body.split('\n')).toContain('messageDelayLevel=1s 2s')
    expect(body.split('\n')).toContain('useServerSideResetOffset=true')
    expect(JSON.parse(version ?? '')).toMatchObject({ counter: 0 })
  })

  it('says of everything else that it is not supported', async () => {
    const { client } = await startTestBroker()

    for (const code of [37, 200_052, 321, 103, 9999]) {
      expect(await client.raw({ code })).toMatchObject({ code: 3, remark: ` request type ${code} not supported` })
    }
  })
})
