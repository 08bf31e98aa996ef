import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { consumeDirectlyResultShape } from '../../../src/core/protocol/bodies/misc.ts'
import { consumerStatusShape } from '../../../src/core/protocol/bodies/offsets.ts'
import { consumerRunningInfoShape } from '../../../src/core/protocol/bodies/running-info.ts'
import {
  CommandFlag,
  command,
  encodeStoredMessage,
  json,
  type RemotingCommand,
  ResponseCode,
} from '../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { FakeMember } from '../../support/fake-member.ts'
import type { FakePeer } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'

let cluster: FakeCluster
let client: ClientInstance
let broker: FakePeer
let member: FakeMember

beforeEach(async () => {
  cluster = new FakeCluster()
  broker = cluster.broker('a:1')
  cluster.routes.set('T', routeOf([{ name: 'broker-a', addresses: { 0: 'a:1' } }]))
  client = cluster.client()
  member = new FakeMember('g')
  client.join(member)
  await client.routes.get('T')
  await client.heartbeat()
  member.changes = 0
})

function request(code: number, fields: Readonly<Record<string, string>> = {}, body?: Buffer): RemotingCommand {
  return command({ code, opaque: 0, extFields: new Map(Object.entries(fields)), ...(body ? { body } : {}) })
}

async function oneway(sent: RemotingCommand): Promise<void> {
  broker.push({ ...sent, opaque: 99, flag: CommandFlag.ONEWAY })
  await cluster.clock.settle()
}

/** Sends a request as a peer that would take an answer, and sees that none comes. */
async function unanswered(asked: RemotingCommand): Promise<void> {
  const [channel] = broker.channels
  const waiting = channel?.request({ ...asked, opaque: 77 }, { timeoutMs: 1000, what: 'a oneway request' })
  const failed = expect(waiting).rejects.toThrow('did not answer')
  await cluster.clock.advance(1000)
  await failed
}

const storedMessage = encodeStoredMessage({
  queueId: 3,
  flag: 0,
  queueOffset: 12,
  physicalOffset: 99n,
  sysFlag: 0,
  bornTimestamp: 1,
  bornHost: { ip: '127.0.0.1', port: 1 },
  storeTimestamp: 2,
  storeHost: { ip: '127.0.0.1', port: 2 },
  reconsumeTimes: 0,
  preparedTransactionOffset: 0n,
  body: Buffer.from('hello'),
  topic: 'T',
  properties: '',
})

describe('requests of a broker', () => {
  it('NOTIFY_CONSUMER_IDS_CHANGED wakes every consumer of the client and is not answered', async () => {
    const other = new FakeMember('h')
    client.join(other)

    await oneway(request(40, { consumerGroup: 'g' }))
    await unanswered({ ...request(40, { consumerGroup: 'g' }), flag: CommandFlag.ONEWAY })

    expect([member.changes, other.changes]).toEqual([2, 2])
  })

  it.each([
    ['object keys', '{"offsetTable":{{"brokerName":"broker-a","queueId":1,"topic":"T"}:5}}'],
    ['a list, as for C++', '{"offsetTable":[{"brokerName":"broker-a","offset":5,"queueId":1,"topic":"T"}]}'],
  ])('RESET_CONSUMER_CLIENT_OFFSET reaches the group with a table written with %s', async (_what, body) => {
    const fields = { topic: 'T', group: 'g', timestamp: '0', isForce: 'false' }

    await oneway(request(220, fields, Buffer.from(body)))
    await oneway(request(220, { ...fields, group: 'unknown' }, Buffer.from(body)))
    await oneway(request(220, fields))

    const queue = { brokerName: 'broker-a', queueId: 1, topic: 'T' }
    expect(member.resets).toEqual([
      { topic: 'T', offsets: [[queue, 5]] },
      { topic: 'T', offsets: [] },
    ])
  })

  it('GET_CONSUMER_STATUS_FROM_CLIENT gets the offsets in memory, none for a group that is not here', async () => {
    const known = await broker.ask(request(221, { topic: 'T', group: 'g' }))
    const unknown = await broker.ask(request(221, { topic: 'T', group: 'h' }))

    expect(json(consumerStatusShape).read(known.body).messageQueueTable).toEqual([
      [{ brokerName: 'a', queueId: 1, topic: 'T' }, 42],
    ])
    expect(known.body.toString()).toContain('{{"brokerName":"a","queueId":1,"topic":"T"}:42}')
    expect([unknown.code, json(consumerStatusShape).read(unknown.body).messageQueueTable]).toEqual([0, []])
  })

  it('GET_CONSUMER_RUNNING_INFO gets it, with the stack only when asked for', async () => {
    const plain = await broker.ask(request(307, { consumerGroup: 'g', clientId: 'c' }))
    const withStack = await broker.ask(request(307, { consumerGroup: 'g', clientId: 'c', jstackEnable: 'true' }))

    const info = json(consumerRunningInfoShape).read(plain.body)
    expect([plain.code, info.properties.get('consumerGroup'), info.jstack]).toEqual([0, 'g', undefined])
    expect(json(consumerRunningInfoShape).read(withStack.body).jstack).toBe('the stack')
  })

  it.each([307, 309])('%i for a group that is not here is refused in the words of Java', async (code) => {
    const answer = await broker.ask(request(code, { consumerGroup: 'h', clientId: 'c' }, storedMessage))

    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect(answer.remark).toBe('The Consumer Group <h> not exist in this consumer')
  })

  it('CONSUME_MESSAGE_DIRECTLY hands the message over and answers what became of it', async () => {
    const fields = { consumerGroup: 'g', clientId: 'c', msgId: 'm', brokerName: 'broker-x' }

    const answer = await broker.ask(request(309, fields, storedMessage))
    await broker.ask(request(309, { consumerGroup: 'g' }, storedMessage))

    expect(json(consumeDirectlyResultShape).read(answer.body)).toMatchObject({
      consumeResult: 'CR_SUCCESS',
      order: false,
    })
    expect(member.handed.map((message) => [message.body.toString(), message.queueOffset])).toEqual([
      ['hello', 12],
      ['hello', 12],
    ])
    // An old broker does not say its name; then the connection tells.
    expect(member.handed.map((message) => message.brokerName)).toEqual(['broker-x', 'broker-a'])
  })

  it('do not wait for each other: a listener that hangs blocks neither the connection nor the close', async () => {
    member.consume = () => new Promise(() => undefined)
    const [channel] = broker.channels
    const stuck = channel?.request(
      { ...request(309, { consumerGroup: 'g' }, storedMessage), opaque: 55 },
      { timeoutMs: 60_000, what: 'consume directly' },
    )
    const failed = expect(stuck).rejects.toThrow('closed the connection')

    expect((await broker.ask(request(307, { consumerGroup: 'g' }))).code).toBe(0)
    await client.close()

    await failed
    expect(cluster.log).toEqual([])
  })

  it.each([
    ['a message that is cut', request(309, { consumerGroup: 'g' }, storedMessage.subarray(0, 40))],
    ['no message', request(309, { consumerGroup: 'g' })],
    ['a missing field', request(307, {})],
    ['a field of the wrong kind', request(220, { topic: 'T', group: 'g', timestamp: 'now' })],
    ['a body that is no JSON', request(220, { topic: 'T', group: 'g', timestamp: '0' }, Buffer.from('{'))],
  ])('with %s are answered with an error, and the connection stays', async (_what, damaged) => {
    const answer = await broker.ask(damaged)

    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect(answer.remark).not.toBe('')
    expect((await broker.ask(request(307, { consumerGroup: 'g' }))).code).toBe(0)
    expect(broker.connections).toBe(1)
    expect(cluster.log).toHaveLength(1)
  })

  it('that nobody here knows are not supported, and a oneway one is passed over', async () => {
    expect((await broker.ask(request(4711))).code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED)
    expect((await broker.ask(request(39))).code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED)
    await unanswered({ ...request(4711), flag: CommandFlag.ONEWAY })

    expect(broker.channels.size).toBe(1)
  })

  it('whose handling fails are answered with an error', async () => {
    member.consume = () => Promise.reject(new Error('the listener broke'))

    const answer = await broker.ask(request(309, { consumerGroup: 'g' }, storedMessage))

    expect([answer.code, answer.remark]).toEqual([ResponseCode.SYSTEM_ERROR, 'the listener broke'])
  })

  it('whose answer is longer than a frame are answered with an error', async () => {
    member.runningInfo = async () => ({
      ...(await new FakeMember('g').runningInfo({ stack: false })),
      jstack: 'x'.repeat(17 * 1024 * 1024),
    })

    const answer = await broker.ask(request(307, { consumerGroup: 'g' }))

    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect(answer.remark).toContain('longer than')
  })
})
