import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ackBits,
  decodeMessages,
  formatPopHandle,
  type PopHandle,
  PopOffsets,
  parsePopHandle,
} from '../../../../src/core/protocol/index.ts'
import { refusal, startTestBroker, type TestClient } from '../test-broker.ts'

let broker: Awaited<ReturnType<typeof startTestBroker>>
let client: TestClient

beforeEach(async () => {
  broker = await startTestBroker()
  client = broker.client
  await client.send('T', 'first', { properties: { TAGS: 'a' } })
})

afterEach(async () => {
  await broker.broker.close()
})

interface PopOptions {
  readonly queueId?: number
  readonly max?: number
  readonly invisibleMs?: number
  readonly pollMs?: number
  readonly bornTime?: number
  readonly tags?: string
  readonly group?: string
  readonly initMode?: number
  readonly order?: boolean
}

const request = (options: PopOptions) => ({
  consumerGroup: options.group ?? 'g',
  topic: 'T',
  queueId: options.queueId ?? -1,
  maxMsgNums: options.max ?? 32,
  invisibleTime: options.invisibleMs ?? 10_000,
  pollTime: options.pollMs ?? 0,
  bornTime: options.bornTime ?? 0,
  initMode: options.initMode ?? 0,
  expType: 'TAG',
  exp: options.tags ?? '*',
  order: options.order,
})

interface Got {
  readonly body: string
  readonly topic: string
  readonly reconsumeTimes: number
  readonly handle: PopHandle
}

/** Pops, and makes the handles as clients do. */
async function pop(options: PopOptions = {}): Promise<Got[]> {
  const answer = await client.invoke('popMessage', request(options))
  if (answer.outcome !== 'FOUND') return []
  const starts = new PopOffsets(answer.startOffsetInfo ?? '')
  return decodeMessages(answer.body).map((message) => {
    const inside = message.getProperty('POP_CK')
    const handle: PopHandle =
      inside === undefined
        ? {
            startOffset: starts.at('0', message.queueId, 0) ?? -1,
            popTime: answer.popTime,
            invisibleTime: answer.invisibleTime,
            reviveQueueId: answer.reviveQid,
            retry: '0',
            brokerName: 'broker-a',
            queueId: message.queueId,
            queueOffset: message.queueOffset,
          }
        : parsePopHandle(inside)
    const { topic, reconsumeTimes } = message
    return { body: message.body.toString(), topic, reconsumeTimes, handle }
  })
}

const popped = (handle: PopHandle) => ({
  consumerGroup: 'g',
  topic: handle.retry === '0' ? 'T' : '%RETRY%g_T',
  queueId: handle.queueId,
  extraInfo: formatPopHandle(handle),
  offset: handle.queueOffset,
})
const ack = (handle: PopHandle) => client.invoke('ackMessage', popped(handle))
const bodies = (got: readonly Got[]) => got.map(({ body }) => body)

describe('POP', () => {
  it('hands a message to one consumer only, from any queue, and says where each lies', async () => {
    await client.send('T', 'second', { queueId: 2 })
    await client.send('T', 'third', { queueId: 2 })

    const answer = await client.invoke('popMessage', request({}))

    expect(answer).toMatchObject({ outcome: 'FOUND', invisibleTime: 10_000, restNum: 0 })
    expect(answer.startOffsetInfo?.split(';').sort()).toEqual(['0 0 0', '0 2 0'])
    expect(answer.msgOffsetInfo?.split(';').sort()).toEqual(['0 0 0', '0 2 0,1'])
    expect(await client.invoke('popMessage', request({}))).toMatchObject({ outcome: 'POLLING_TIMEOUT', restNum: 0 })
    expect(bodies(await pop({ group: 'other' }))).toHaveLength(3)
  })

  it('takes no more than asked for, of the queue asked for, and tells how many are left', async () => {
    for (const body of ['b', 'c']) await client.send('T', body)
    expect(await client.invoke('popMessage', request({ max: 2 }))).toMatchObject({
      msgOffsetInfo: '0 0 0,1',
      restNum: 1,
    })
    expect(await pop({ queueId: 1 })).toEqual([])
    expect(bodies(await pop({ queueId: 0 }))).toEqual(['c'])
  })

  it('passes over messages with other tags', async () => {
    await client.send('T', 'wanted', { properties: { TAGS: 'b' } })
    expect(bodies(await pop({ tags: 'b' }))).toEqual(['wanted'])
    expect(await pop()).toEqual([])
  })

  it('is held until something arrives, and no longer than its time by the broker’s clock', async () => {
    await pop()
    const held = pop({ pollMs: 5000 })
    await broker.clock.advance(4000)
    await client.send('T', 'late', { queueId: 3 })
    expect(bodies(await held)).toEqual(['late'])

    const empty = client.invoke('popMessage', request({ pollMs: 5000 }))
    const stale = client.invoke('popMessage', request({ pollMs: 5000, bornTime: broker.clock.now() - 60_000 }))
    expect((await stale).outcome).toBe('POLLING_TIMEOUT')
    await broker.clock.advance(5000)
    expect((await empty).outcome).toBe('POLLING_TIMEOUT')
  })

  it('gives an arrival to one of two that wait', async () => {
    await pop()
    const [one, two] = [pop({ pollMs: 5000 }), pop({ pollMs: 5000 })]
    await broker.clock.settle()
    await client.send('T', 'only one')
    await broker.clock.advance(5000)
    expect([...(await one), ...(await two)].map(({ body }) => body)).toEqual(['only one'])
  })

  it('refuses what it cannot do', async () => {
    const refused = async (options: PopOptions) => (await refusal(client.invoke('popMessage', request(options)))).code
    expect(await refused({ max: 33 })).toBe(29)
    expect(await refused({ queueId: 99 })).toBe(29)
    expect(await refused({ order: true })).toBe(1)
  })
})

describe('a popped message', () => {
  it('comes again when it was not acknowledged in time: once, counted, under its own topic', async () => {
    await pop()
    await broker.clock.advance(9000)
    expect(await pop()).toEqual([])
    await broker.clock.advance(2000)

    const [again] = await pop()

    expect(again).toMatchObject({ body: 'first', topic: 'T', reconsumeTimes: 1, handle: { retry: '1', queueId: 0 } })
    expect(await pop()).toEqual([])
    await broker.clock.advance(11_000)
    expect((await pop())[0]).toMatchObject({ reconsumeTimes: 2, handle: { retry: '1' } })
  })

  it('wakes who waits for messages when it is visible again', async () => {
    await pop()
    const held = pop({ pollMs: 15_000 })
    await broker.clock.advance(11_000)
    expect(bodies(await held)).toEqual(['first'])
  })

  it('does not come again once acknowledged, be it of the topic or retried; twice is no error', async () => {
    const [got] = await pop()
    await ack(got!.handle)
    await ack(got!.handle)
    await client.send('T', 'second')
    await pop()
    await broker.clock.advance(11_000)
    const [again] = await pop()
    await ack(again!.handle)
    await broker.clock.advance(60_000)
    expect(again?.body).toBe('second')
    expect(await pop()).toEqual([])
  })

  it('is acknowledged in a batch too', async () => {
    for (const body of ['b', 'c', 'd']) await client.send('T', body)
    const [first] = await pop()
    const { startOffset: so, popTime: pt, invisibleTime: it, reviveQueueId: rq, queueId: q } = first!.handle
    const acks = [{ b: ackBits([0, 1, 3]), c: 'g', it, pt, q, r: '0', rq, so, t: 'T' }]
    await client.invoke('batchAckMessage', { body: { brokerName: 'broker-a', acks } })
    await broker.clock.advance(11_000)
    expect(bodies(await pop())).toEqual(['c'])
  })

  it('stays hidden for as long as its consumer asks, and the handle used for that is spent', async () => {
    const [got] = await pop()
    const change = (handle: PopHandle, invisibleTime: number) =>
      client.invoke('changeMessageInvisibleTime', { ...popped(handle), invisibleTime })
    const { outcome, ...changed } = await change(got!.handle, 30_000)
    const handle = { ...got!.handle, ...changed, reviveQueueId: changed.reviveQid, startOffset: 0 }
    expect(outcome).toBe('OK')
    await change(got!.handle, 1000)
    await ack(got!.handle)
    await broker.clock.advance(29_000)
    expect(await pop()).toEqual([])
    await broker.clock.advance(2000)
    expect(await pop()).toHaveLength(1)
    await ack(handle)
  })

  it('cannot be acknowledged where it never was', async () => {
    const [got] = await pop()
    expect(await refusal(ack({ ...got!.handle, queueOffset: 777 }))).toMatchObject({ code: 208 })
    expect(await refusal(ack({ ...got!.handle, queueId: 99 }))).toMatchObject({ code: 13 })
    const unreadable = client.invoke('ackMessage', { ...popped(got!.handle), extraInfo: 'nonsense' })
    expect(await refusal(unreadable)).toMatchObject({ code: 1 })
  })
})

describe('the mode of a group', () => {
  const ask = async (clientId: string, options: { readonly strategyName?: string; readonly topic?: string } = {}) => {
    const { strategyName = 'AVG', topic = 'T' } = options
    const body = { clientId, consumerGroup: 'g', messageModel: 'CLUSTERING', strategyName, topic }
    const answer = await client.invoke('queryAssignment', { body })
    return answer.body.messageQueueAssignments?.map(({ messageQueue, mode }) => `${mode} ${messageQueue.queueId}`)
  }
  const set = (mode: string, options: { readonly share?: number; readonly topic?: string } = {}) =>
    client.invoke('setMessageRequestMode', {
      body: { topic: options.topic ?? 'T', consumerGroup: 'g', mode, popShareQueueNum: options.share ?? 0 },
    })

  it('is PULL, each member having its share, until it is set to POP, any queue being everybody’s', async () => {
    expect(await ask('one')).toBeUndefined()
    await client.heartbeat('one', 'g', ['T'])
    await broker.connect().heartbeat('two', 'g', ['T'])
    expect(await ask('one')).toEqual(['PULL 0', 'PULL 1'])
    expect(await ask('two', { strategyName: 'AVG_BY_CIRCLE' })).toEqual(['PULL 1', 'PULL 3'])
    expect(await ask('stranger')).toEqual([])
    expect(await ask('one', { strategyName: 'MINE' })).toBeUndefined()
    expect(await ask('one', { topic: 'unknown' })).toBeUndefined()

    await set('POP')
    expect([await ask('one'), await ask('two')]).toEqual([['POP -1'], ['POP -1']])
    expect(await ask('one', { topic: '%RETRY%g' })).toEqual(['PULL 0'])
    const { body } = await client.invoke('getAllMessageRequestMode', {})
    expect(body.messageRequestModeMap.get('T')?.get('g')?.mode).toBe('POP')

    await set('PULL')
    expect(await ask('two')).toEqual(['PULL 2', 'PULL 3'])
  })

  it('lets members share with as many others as it says', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const members = names.map(() => broker.connect())
    for (const [index, member] of members.slice(0, 4).entries()) await member.heartbeat(names[index]!, 'g', ['T'])
    await set('POP', { share: 1 })
    expect([await ask('a'), await ask('d')]).toEqual([
      ['POP 0', 'POP 1'],
      ['POP 3', 'POP 0'],
    ])
    await members[4]!.heartbeat('e', 'g', ['T'])
    expect(await ask('e')).toEqual(['POP 0'])
  })

  it('tells the members when it is set, and is refused for retry topics and other modes', async () => {
    await client.heartbeat('one', 'g', ['T'])
    await broker.clock.settle()
    const before = client.asked.length
    await set('POP')
    await broker.clock.settle()
    expect(client.asked.slice(before).map(({ code }) => code)).toEqual([40])
    expect(await refusal(set('POP', { topic: '%RETRY%g' }))).toMatchObject({ code: 16 })
    expect(await refusal(set('PUSH'))).toMatchObject({ code: 29 })
  })
})
