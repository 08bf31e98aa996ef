import { describe, expect, it } from 'vitest'
import { refusal, startTestBroker } from '../test-broker.ts'

const bodies = (messages: readonly { body: Buffer }[]) => messages.map(({ body }) => body.toString())
const SUBSCRIPTION = 4
const HOLD = 2
const COMMIT = 1

describe('pulling', () => {
  it('finds messages from an offset on and says where to go on', async () => {
    const { client } = await startTestBroker()
    for (const body of ['a', 'b', 'c']) await client.send('orders', body)

    const answer = await client.pull('orders', { offset: 1 })

    expect(answer).toMatchObject({ outcome: 'FOUND', nextBeginOffset: 3, minOffset: 0, maxOffset: 3 })
    expect(bodies(await client.messages('orders', { offset: 1 }))).toEqual(['b', 'c'])
  })

  it('answers 32 messages at most, 256 KiB at most, and one message whatever its size', async () => {
    const { client } = await startTestBroker()
    for (let i = 0; i < 40; i++) await client.send('small', String(i))
    for (let i = 0; i < 4; i++) await client.send('big', 'x'.repeat(100_000))
    for (let i = 0; i < 2; i++) await client.send('huge', 'x'.repeat(300_000))

    expect(await client.messages('small', { max: 100 })).toHaveLength(32)
    expect(await client.messages('small', { max: 5 })).toHaveLength(5)
    expect(await client.messages('small', { max: -1 })).toHaveLength(1)
    expect(await client.messages('big')).toHaveLength(2)
    expect(await client.messages('huge')).toHaveLength(1)
  })

  it('says by its outcome how an offset lies outside the queue', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    expect(await client.pull('orders', { offset: 1 })).toMatchObject({ outcome: 'NO_NEW', nextBeginOffset: 1 })
    expect(await client.pull('orders', { offset: 2 })).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 1 })
    expect(await client.pull('orders', { offset: -1 })).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 0 })
    expect(await client.pull('orders', { queueId: 1 })).toMatchObject({ outcome: 'NO_NEW', nextBeginOffset: 0 })
    expect(await client.pull('orders', { queueId: 1, offset: 5 })).toMatchObject({
      outcome: 'OFFSET_MOVED',
      nextBeginOffset: 0,
      maxOffset: 0,
    })
  })

  it('filters by the hash of the tags', async () => {
    const { client } = await startTestBroker()
    for (const tag of ['A', 'B', 'C', 'A']) await client.send('orders', tag, { properties: { TAGS: tag } })
    await client.send('orders', 'untagged')

    expect(bodies(await client.messages('orders', { tags: 'A || C' }))).toEqual(['A', 'C', 'A'])
    expect(await client.messages('orders', { tags: '*' })).toHaveLength(5)
    expect(await client.pull('orders', { tags: 'D' })).toMatchObject({ outcome: 'NO_MATCHED', nextBeginOffset: 5 })
  })

  it('looks at 800 entries at most before it answers that none matched', async () => {
    const { client } = await startTestBroker()
    for (let i = 0; i < 900; i++) await client.send('orders', 'x', { properties: { TAGS: 'A' } })

    expect(await client.pull('orders', { tags: 'B' })).toMatchObject({ outcome: 'NO_MATCHED', nextBeginOffset: 800 })
  })

  it('refuses with the code of each reason', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    await client.invoke('updateAndCreateTopic', { topic: 'writeonly', readQueueNums: 1, writeQueueNums: 1, perm: 2 })

    expect((await refusal(client.pull('nothing'))).code).toBe(17)
    expect((await refusal(client.pull('orders', { queueId: 4 }))).code).toBe(29)
    expect((await refusal(client.pull('orders', { queueId: -1 }))).code).toBe(29)
    expect((await refusal(client.pull('writeonly'))).code).toBe(16)
    expect((await refusal(client.pull('orders', { tags: '||' }))).code).toBe(23)
    expect((await refusal(client.pull('orders', { group: 'a b' }))).code).toBe(29)
  })

  it('needs the group’s heartbeat when the pull has no subscription of its own', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a', { properties: { TAGS: 'A' } })
    const pull = () => client.pull('orders', { sysFlag: 0 })

    expect((await refusal(pull())).code).toBe(24)
    await client.heartbeat('c1', 'consumers', ['other'])
    expect((await refusal(pull())).code).toBe(24)
    await client.heartbeat('c1', 'consumers', ['orders'], { tags: 'B', subVersion: 5 })

    expect(await pull()).toMatchObject({ outcome: 'NO_MATCHED' })
    const newer = client.invoke('pullMessage', {
      consumerGroup: 'consumers',
      topic: 'orders',
      queueId: 0,
      queueOffset: 0,
      maxMsgNums: 1,
      sysFlag: 0,
      subVersion: 6,
    })
    expect((await refusal(newer)).code).toBe(25)
  })

  it('filters by SQL over the properties, given inline or by a heartbeat', async () => {
    const { client } = await startTestBroker()
    for (const [body, properties] of [
      ['a', { n: '3' }],
      ['b', { n: '7', TAGS: 'x' }],
      ['c', {}],
    ] as const) {
      await client.send('orders', body, { properties })
    }

    expect(bodies(await client.messages('orders', { sql: 'n > 2' }))).toEqual(['a', 'b'])
    expect(bodies(await client.messages('orders', { sql: "TAGS = 'x'" }))).toEqual(['b'])
    expect(await client.pull('orders', { sql: 'n > 9' })).toMatchObject({ outcome: 'NO_MATCHED', nextBeginOffset: 3 })

    await client.heartbeat('c1', 'consumers', ['orders'], { sql: 'n IS NULL' })
    expect(bodies(await client.messages('orders', { sysFlag: 0 }))).toEqual(['c'])
  })

  it('wakes a held pull by SQL when something has come', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    const held = client.pull('orders', { offset: 1, sysFlag: SUBSCRIPTION | HOLD, sql: 'n = 1' })

    await client.send('orders', 'b', { properties: { n: '1' } })

    expect(await held).toMatchObject({ outcome: 'FOUND', nextBeginOffset: 2 })
  })

  it.each([
    ['n >', "'n >' is no SQL92 expression: the expression ends where a property, a literal or ( must be"],
    ["n LIKE 'x'", "'n LIKE 'x'' is no SQL92 expression: 'LIKE 'x'' belongs to nothing"],
    ['', "'' is no SQL92 expression: the expression ends where a property, a literal or ( must be"],
  ])('refuses the bad expression %s', async (sql, why) => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    expect(await refusal(client.pull('orders', { sql }))).toEqual({
      code: 23,
      remark: `parse the consumer's subscription failed: ${why}`,
    })
  })

  it('commits the offset that comes with it, also when it finds nothing', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')

    await client.pull('orders', { offset: 1, sysFlag: SUBSCRIPTION | COMMIT, commitOffset: 1 })

    const query = { consumerGroup: 'consumers', topic: 'orders', queueId: 0 }
    expect(await client.invoke('queryConsumerOffset', query)).toMatchObject({ offset: 1 })
  })

  it('does not let a group pull that may not consume', async () => {
    const { client } = await startTestBroker()
    await client.send('orders', 'a')
    const { body } = await client.invoke('getSubscriptionGroupConfig', { group: 'consumers' })
    await client.invoke('updateAndCreateSubscriptionGroup', { body: { ...body, consumeEnable: false } })

    expect((await refusal(client.pull('orders'))).code).toBe(16)
  })
})

describe('long polling', () => {
  const hold = { offset: 1, sysFlag: SUBSCRIPTION | HOLD, suspendMs: 15_000 }

  it('answers at once when a message arrives', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const pull = client.pull('orders', hold)
    await clock.advance(3000)
    const before = clock.now()

    await client.send('orders', 'b')

    expect(await pull).toMatchObject({ outcome: 'FOUND', nextBeginOffset: 2 })
    expect(clock.now()).toBe(before)
  })

  it('answers that there is nothing new exactly when the time is over', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    let answered = 0
    const start = clock.now()
    const pull = client.pull('orders', hold).then((answer) => {
      answered = clock.now()
      return answer
    })

    await clock.advance(14_999)
    expect(answered).toBe(0)
    await clock.advance(1)

    expect(await pull).toMatchObject({ outcome: 'NO_NEW', nextBeginOffset: 1 })
    expect(answered - start).toBe(15_000)
  })

  it('is not woken by another queue, topic or a tag it does not want', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    let answered = false
    const pull = client.pull('orders', { ...hold, tags: 'A' }).then((answer) => {
      answered = true
      return answer
    })
    await clock.settle()
    await client.send('orders', 'b', { queueId: 1, properties: { TAGS: 'A' } })
    await client.send('others', 'c', { properties: { TAGS: 'A' } })
    await clock.settle()
    expect(answered).toBe(false)

    await client.send('orders', 'd', { properties: { TAGS: 'B' } })
    await clock.advance(999)
    expect(answered).toBe(false)
    await clock.advance(1)

    // A message that was passed over moves the group's offset on, a second later.
    expect(await pull).toMatchObject({ outcome: 'NO_MATCHED', nextBeginOffset: 2 })
  })

  it('does not commit again when it is answered late', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const pull = client.pull('orders', { ...hold, sysFlag: SUBSCRIPTION | HOLD | COMMIT, commitOffset: 1 })
    await clock.settle()
    const queue = { consumerGroup: 'consumers', topic: 'orders', queueId: 0 }
    await client.invoke('updateConsumerOffset', { ...queue, commitOffset: 0 })

    await client.send('orders', 'b')
    await pull

    expect(await client.invoke('queryConsumerOffset', queue)).toMatchObject({ offset: 0 })
  })

  it('lets go of what a closed connection waited for', async () => {
    const { client, clock, connect } = await startTestBroker()
    await client.send('orders', 'a')
    await client.pull('orders')
    await clock.advance(1000)
    const timers = clock.pending
    const other = connect()
    const pull = expect(other.pull('orders', hold)).rejects.toThrow('closed')
    await clock.settle()
    expect(clock.pending).toBeGreaterThan(timers)

    other.close()
    await pull
    await clock.settle()

    expect(clock.pending).toBe(timers)
  })

  it('is answered with an error when its topic is deleted', async () => {
    const { client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const pull = refusal(client.pull('orders', hold))
    await clock.settle()

    await client.invoke('deleteTopicInBroker', { topic: 'orders' })

    expect((await pull).code).toBe(17)
  })
})
