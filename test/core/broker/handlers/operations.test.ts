import { describe, expect, it } from 'vitest'
import { operations, readHeader } from '../../../../src/core/protocol/index.ts'
import { refusal, startTestBroker, type TestClient } from '../test-broker.ts'

const orders0 = { brokerName: 'broker-a', queueId: 0, topic: 'orders' }

async function committed(client: TestClient, queueId = 0): Promise<number> {
  const answer = await client.invoke('queryConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId })
  return answer.offset
}

describe('resetting offsets', () => {
  async function startWithMessages() {
    const started = await startTestBroker()
    const { client, clock } = started
    const start = clock.now()
    for (let i = 0; i < 4; i++) {
      await client.send('orders', String(i))
      await clock.advance(1000)
    }
    await client.heartbeat('c1', 'g', ['orders'])
    await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId: 0, commitOffset: 4 })
    return { ...started, start }
  }
  const reset = (client: TestClient, change: object) =>
    client.invoke('invokeBrokerToResetOffset', { topic: 'orders', group: 'g', timestamp: 0, isForce: true, ...change })

  it('sets every queue to a time, or to the end', async () => {
    const { client, start } = await startWithMessages()

    const byTime = await reset(client, { timestamp: start + 2000 })
    expect(byTime.body.offsetTable[0]).toEqual([orders0, 2])
    expect(byTime.body.offsetTable).toHaveLength(4)
    expect(await committed(client)).toBe(2)
    const toEnd = await reset(client, { timestamp: -1 })

    expect(toEnd.body.offsetTable[0]).toEqual([orders0, 4])
  })

  it('sets one queue to an offset within its bounds', async () => {
    const { client } = await startWithMessages()

    expect((await reset(client, { queueId: 0, offset: 3 })).body.offsetTable).toEqual([[orders0, 3]])
    expect((await refusal(reset(client, { queueId: 0, offset: 6 }))).code).toBe(1)
    expect((await reset(client, { queueId: 0, offset: 5 })).body.offsetTable).toEqual([[orders0, 5]])
  })

  it('is told to the group’s next pull once; until then its commits are ignored', async () => {
    const { client } = await startWithMessages()
    const commit = { consumerGroup: 'g', topic: 'orders', queueId: 0, commitOffset: 4 }
    await reset(client, { queueId: 0, offset: 1 })

    await client.invoke('updateConsumerOffset', commit)
    expect(await committed(client)).toBe(1)
    const first = await client.pull('orders', { group: 'g', offset: 4, sysFlag: 5, commitOffset: 4 })
    expect(first).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 1 })
    expect(await committed(client)).toBe(1)

    expect(await client.pull('orders', { group: 'g', offset: 1 })).toMatchObject({
      outcome: 'FOUND',
      nextBeginOffset: 4,
    })
    await client.invoke('updateConsumerOffset', commit)
    expect(await committed(client)).toBe(4)
  })

  it('wakes a pull that waits', async () => {
    const { client, clock } = await startWithMessages()
    const pull = client.pull('orders', { group: 'g', offset: 4, sysFlag: 6 })
    const other = client.pull('orders', { group: 'another', offset: 4, sysFlag: 6 })
    await clock.settle()
    const before = clock.now()

    await reset(client, { queueId: 0, offset: 0 })

    expect(await pull).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 0 })
    expect(clock.now()).toBe(before)
    await clock.advance(15_000)
    expect(await other).toMatchObject({ outcome: 'NO_NEW' })
  })

  it('needs a topic and a group', async () => {
    const { client } = await startWithMessages()

    expect((await refusal(reset(client, { topic: 'nothing' }))).code).toBe(17)
    expect((await refusal(reset(client, { group: 'nobody' }))).code).toBe(26)
  })
})

describe('resetting offsets by members', () => {
  async function startPushing() {
    const started = await startTestBroker({ resetMode: 'client-push' })
    const { client, clock } = started
    const start = clock.now()
    await client.invoke('updateAndCreateTopic', { topic: 'orders', readQueueNums: 2, writeQueueNums: 2, perm: 6 })
    for (let i = 0; i < 4; i++) {
      await client.send('orders', String(i))
      await clock.advance(1000)
    }
    await client.makeGroup('g')
    return { ...started, start }
  }
  const commit = (client: TestClient, queueId: number, commitOffset: number) =>
    client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId, commitOffset })
  const reset = (client: TestClient, change: object) =>
    client.invoke('invokeBrokerToResetOffset', { topic: 'orders', group: 'g', timestamp: 0, isForce: true, ...change })

  it('tells every member where a time lies in each queue, and stores nothing', async () => {
    const { client, connect, start, clock } = await startPushing()
    const members = [connect(), connect()]
    for (const [index, member] of members.entries()) await member.heartbeat(`c${index}`, 'g', ['orders'])
    await commit(client, 0, 4)
    await commit(client, 1, 0)

    const { body } = await reset(client, { timestamp: start + 2000, queueId: 0, offset: 1 })
    await clock.settle()

    expect(body.offsetTable.map(([queue, offset]) => [queue.queueId, offset])).toEqual([
      [0, 2],
      [1, 0],
    ])
    for (const { asked } of members) {
      const told = asked.filter(({ code }) => code === 220)
      expect(told.map(({ body: bytes }) => operations.resetConsumerClientOffset.requestBody?.read(bytes))).toEqual([
        body,
      ])
    }
    expect(await committed(client)).toBe(4)
  })

  it('goes to the end, and without force never forward', async () => {
    const { client, start } = await startPushing()
    await client.heartbeat('c1', 'g', ['orders'])
    await commit(client, 0, 1)
    await commit(client, 1, 0)

    expect((await reset(client, { timestamp: -1 })).body.offsetTable[0]?.[1]).toBe(4)
    expect((await reset(client, { timestamp: start + 3000, isForce: false })).body.offsetTable[0]?.[1]).toBe(1)
  })

  it('needs a commit in every queue, and somebody online', async () => {
    const { client } = await startPushing()
    await commit(client, 0, 1)
    expect((await refusal(reset(client, {}))).remark).toContain('THe consumer group <g> not exist')
    await commit(client, 1, 0)

    expect((await refusal(reset(client, {}))).code).toBe(206)
  })
})

describe('progress', () => {
  it('of all groups tells what each has committed', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    await client.makeGroup('g')
    await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId: 1, commitOffset: 7 })

    const { body } = await client.invoke('getAllConsumerOffset', {})

    expect([...(body.offsetTable.get('orders@g') ?? [])]).toEqual([[1, 7]])
  })

  it('of a group in time tells how long the first message that is not committed has been there', async () => {
    const { client, clock } = await startTestBroker()
    const start = clock.now()
    for (let i = 0; i < 3; i++) {
      await client.send('orders', String(i))
      await clock.advance(1000)
    }
    await client.makeGroup('g')
    await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId: 0, commitOffset: 1 })

    const { body } = await client.invoke('queryConsumeTimeSpan', { topic: 'orders', group: 'g' })

    expect(body.consumeTimeSpanSet[0]).toEqual({
      messageQueue: orders0,
      minTimeStamp: start,
      maxTimeStamp: start + 2000,
      consumeTimeStamp: start,
      delayTime: 2000,
    })
    expect(body.consumeTimeSpanSet[1]).toMatchObject({ minTimeStamp: -1, delayTime: 0 })
  })

  it('of a group tells committed, pulled and last offsets of each queue', async () => {
    const { client, clock } = await startTestBroker()
    const start = clock.now()
    await client.send('orders', 'a')
    await clock.advance(1000)
    await client.send('orders', 'b')
    await client.pull('orders', { group: 'g', max: 1, offset: 1 })
    await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic: 'orders', queueId: 0, commitOffset: 1 })

    const { body } = await client.invoke('getConsumeStats', { consumerGroup: 'g' })
    const unknown = await client.invoke('getConsumeStats', { consumerGroup: 'nobody' })

    expect(body.offsetTable).toHaveLength(4)
    expect(body.offsetTable[0]).toEqual([
      orders0,
      { brokerOffset: 2, consumerOffset: 1, lastTimestamp: start, pullOffset: 2 },
    ])
    expect(unknown.body.offsetTable).toEqual([])
  })

  it('of a group that is online leaves out what it does not subscribe', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    await client.send('bills', 'a')
    await client.makeGroup('g')
    for (const topic of ['orders', 'bills']) {
      await client.invoke('updateConsumerOffset', { consumerGroup: 'g', topic, queueId: 0, commitOffset: 1 })
    }
    await client.heartbeat('c1', 'g', ['orders'])

    const { body } = await client.invoke('getConsumeStats', { consumerGroup: 'g' })

    expect(new Set(body.offsetTable.map(([queue]) => queue.topic))).toEqual(new Set(['orders']))
  })

  it('of a topic tells the bounds of all queues and when each was written last', async () => {
    const { client, clock } = await startTestBroker()
    await client.invoke('updateAndCreateTopic', { topic: 'orders', readQueueNums: 1, writeQueueNums: 2, perm: 6 })
    await client.send('orders', 'a', { queueId: 1 })

    const { body } = await client.invoke('getTopicStatsInfo', { topic: 'orders' })

    expect(body.offsetTable).toEqual([
      [orders0, { lastUpdateTimestamp: 0, maxOffset: 0, minOffset: 0 }],
      [
        { ...orders0, queueId: 1 },
        { lastUpdateTimestamp: clock.now(), maxOffset: 1, minOffset: 0 },
      ],
    ])
    expect((await refusal(client.invoke('getTopicStatsInfo', { topic: 'nothing' }))).code).toBe(17)
  })
})

describe('questions relayed to a member', () => {
  it('come back exactly as the member answered, whatever it answered', async () => {
    const { client, connect } = await startTestBroker()
    const member = connect()
    await member.heartbeat('c1', 'g', ['orders'])
    member.answer = ({ code }) =>
      code === 307
        ? { code: 5, remark: 'odd', extFields: new Map([['x', 'y']]), body: Buffer.from('{"z":1}') }
        : undefined
    const extFields = new Map([
      ['consumerGroup', 'g'],
      ['clientId', 'c1'],
      ['extra', 'kept'],
    ])

    const answer = await client.raw({ code: 307, extFields })

    expect(answer).toMatchObject({ code: 5, remark: 'odd', extFields: new Map([['x', 'y']]) })
    expect(answer.body.toString()).toBe('{"z":1}')
    expect(member.asked.find(({ code }) => code === 307)?.extFields).toEqual(extFields)
  })

  it('end with CONSUME_MSG_TIMEOUT after 10 s of silence; the member stays', async () => {
    const { client, connect, clock } = await startTestBroker()
    const member = connect()
    await member.heartbeat('c1', 'g', ['orders'])
    const question = refusal(client.invoke('getConsumerRunningInfo', { consumerGroup: 'g', clientId: 'c1' }))

    await clock.advance(10_000)

    expect((await question).code).toBe(207)
    expect((await client.invoke('getConsumerListByGroup', { consumerGroup: 'g' })).body.consumerIdList).toEqual(['c1'])
  })

  it('are refused when the member is not online or goes while it is asked', async () => {
    const { client, connect, clock } = await startTestBroker()
    const member = connect()
    await member.heartbeat('c1', 'g', ['orders'])

    const unknown = await refusal(client.invoke('getConsumerRunningInfo', { consumerGroup: 'g', clientId: 'c2' }))
    const question = refusal(client.invoke('getConsumerRunningInfo', { consumerGroup: 'g', clientId: 'c1' }))
    await clock.settle()
    member.close()

    expect(unknown).toEqual({ code: 1, remark: 'The Consumer <g> <c2> not online' })
    expect((await question).code).toBe(1)
  })

  it('hand the member the message it is to consume', async () => {
    const { client, connect } = await startTestBroker()
    const member = connect()
    await member.heartbeat('c1', 'g', ['orders'])
    const result = { autoCommit: true, consumeResult: 'CR_SUCCESS', order: false, remark: undefined, spentTimeMills: 3 }
    member.answer = ({ code }) => (code === 309 ? { body: Buffer.from(JSON.stringify(result)) } : undefined)
    const { msgId } = await client.send('orders', 'hello')

    const request = { consumerGroup: 'g', clientId: 'c1', topic: 'orders' }
    const { body } = await client.invoke('consumeMessageDirectly', { ...request, msgId })
    const unknown = await refusal(client.invoke('consumeMessageDirectly', { ...request, msgId: 'F'.repeat(32) }))
    const notAnId = await refusal(client.invoke('consumeMessageDirectly', { ...request, msgId: 'x' }))

    const asked = member.asked.find(({ code }) => code === 309)!
    expect(body).toEqual(result)
    expect(asked.body.includes('hello')).toBe(true)
    expect(readHeader(operations.consumeDirectlyOnClient.request, asked.extFields)).toMatchObject({
      brokerName: 'broker-a',
      msgId,
    })
    expect([unknown.code, notAnId.code]).toEqual([1, 1])
  })

  it('collect the status of every member that answers within 5 s', async () => {
    const { client, connect, clock } = await startTestBroker()
    const [talker, silent] = [connect(), connect()]
    await talker.heartbeat('c1', 'g', ['orders'])
    await silent.heartbeat('c2', 'g', ['orders'])
    talker.answer = ({ code }) =>
      code === 221
        ? { body: Buffer.from('{"messageQueueTable":{{"brokerName":"broker-a","queueId":0,"topic":"orders"}:7}}') }
        : undefined

    const question = client.invoke('invokeBrokerToGetConsumerStatus', { topic: 'orders', group: 'g' })
    await clock.advance(5000)
    const one = await client.invoke('invokeBrokerToGetConsumerStatus', {
      topic: 'orders',
      group: 'g',
      clientAddr: 'c1',
    })

    expect((await question).body.consumerTable).toEqual(new Map([['c1', [[orders0, 7]]]]))
    expect(one.body.consumerTable.size).toBe(1)
    const offline = client.invoke('invokeBrokerToGetConsumerStatus', { topic: 'orders', group: 'nobody' })
    expect((await refusal(offline)).code).toBe(1)
  })
})
