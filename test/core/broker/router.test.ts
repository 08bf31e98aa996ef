import { describe, expect, it } from 'vitest'
import { type Handlers, RelayedReply, ResponseFailure } from '../../../src/core/broker/reply.ts'
import { Router } from '../../../src/core/broker/router.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { CommandFlag, command, type RemotingCommand } from '../../../src/core/protocol/index.ts'
import { Channel, memoryTransportPair } from '../../../src/core/remoting/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A router behind a channel, and the other end of that channel. */
function newRouter(handlers: Handlers) {
  const clock = new VirtualClock()
  const warnings: string[] = []
  const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => warnings.push(text) }
  const router = new Router(handlers, logger)
  const pair = memoryTransportPair({ client: '10.0.0.9:1', server: '10.0.0.1:2' })
  const server = new Channel({
    transport: pair.server,
    clock,
    address: '10.0.0.9:1',
    onRequest: (request, channel) => {
      router.handle(request, channel)
    },
    onClose: () => undefined,
  })
  const client = new Channel({
    transport: pair.client,
    clock,
    address: '10.0.0.1:2',
    onRequest: () => undefined,
    onClose: () => undefined,
  })
  server.start()
  client.start()
  const ask = (request: Partial<RemotingCommand> & { code: number }): Promise<RemotingCommand> =>
    client.request(command({ opaque: client.nextOpaque(), ...request }), { timeoutMs: 1000, what: 'ask' })
  return { ask, client, clock, warnings }
}

const topicHeader = new Map([
  ['topic', 'T'],
  ['queueId', '0'],
])

describe('Router', () => {
  it('answers a code nobody handles with REQUEST_CODE_NOT_SUPPORTED and says which', async () => {
    const { ask } = newRouter({})

    const answer = await ask({ code: 9999 })

    expect(answer).toMatchObject({ code: 3, remark: ' request type 9999 not supported' })
  })

  it('answers with the outcome’s code, the header, the body and the version of a 5.5 broker', async () => {
    const { ask } = newRouter({
      getMaxOffset: ({ topic, queueId }) => ({ outcome: 'OK', offset: topic === 'T' ? 7 + queueId : 0 }),
    })

    const answer = await ask({ code: 30, extFields: topicHeader })

    expect(answer).toMatchObject({ code: 0, version: 513 })
    expect(answer.extFields).toEqual(new Map([['offset', '7']]))
  })

  it('answers in the serialization of each request', async () => {
    const { ask } = newRouter({ getMaxOffset: () => ({ outcome: 'OK', offset: 1 }) })

    const json = await ask({ code: 30, extFields: topicHeader, serialization: 'JSON' })
    const binary = await ask({ code: 30, extFields: topicHeader, serialization: 'ROCKETMQ' })

    expect([json.serialization, binary.serialization]).toEqual(['JSON', 'ROCKETMQ'])
    expect(binary.extFields.get('offset')).toBe('1')
  })

  it('never answers a oneway request, not even with an error', async () => {
    let handled = 0
    const { ask, client, clock } = newRouter({
      getMaxOffset: () => {
        handled += 1
        throw new ResponseFailure(1, 'no')
      },
    })
    client.send(command({ code: 30, opaque: 99, flag: CommandFlag.ONEWAY, extFields: topicHeader }))
    client.send(command({ code: 9999, opaque: 100, flag: CommandFlag.ONEWAY }))
    const waiting = client.request(
      command({ code: 30, opaque: 101, flag: CommandFlag.ONEWAY, extFields: topicHeader }),
      {
        timeoutMs: 50,
        what: 'oneway',
      },
    )
    const outcome = expect(waiting).rejects.toThrow('did not answer')

    await clock.advance(100)
    await outcome

    expect(handled).toBe(2)
    expect((await ask({ code: 30, extFields: topicHeader })).remark).toBe('no')
  })

  it('answers a header it cannot read with SYSTEM_ERROR and keeps the connection', async () => {
    const { ask, warnings } = newRouter({ getMaxOffset: () => ({ outcome: 'OK', offset: 1 }) })

    const missing = await ask({ code: 30 })
    const wrong = await ask({ code: 30, extFields: new Map([...topicHeader, ['queueId', 'x']]) })
    const right = await ask({ code: 30, extFields: topicHeader })

    expect(missing).toMatchObject({ code: 1, remark: 'missing header field topic' })
    expect(wrong).toMatchObject({ code: 1, remark: "not an integer: 'x'" })
    expect(right.code).toBe(0)
    expect(warnings).toEqual([])
  })

  it('answers a body it cannot read with SYSTEM_ERROR', async () => {
    const { ask } = newRouter({ lockBatchMq: () => ({ outcome: 'OK', body: { lockOKMQSet: [] } }) })

    expect((await ask({ code: 41, body: Buffer.from('{"mqSet":') })).code).toBe(1)
    expect((await ask({ code: 41 })).code).toBe(1)
  })

  it('turns a thrown response into that response, at once or later', async () => {
    const { ask } = newRouter({
      getMaxOffset: () => {
        throw new ResponseFailure(17, 'no such topic')
      },
      getMinOffset: () => Promise.reject(new ResponseFailure(29, 'no such queue')),
    })

    expect(await ask({ code: 30, extFields: topicHeader })).toMatchObject({ code: 17, remark: 'no such topic' })
    expect(await ask({ code: 31, extFields: topicHeader })).toMatchObject({ code: 29, remark: 'no such queue' })
  })

  it('turns an unexpected error into SYSTEM_ERROR and logs it', async () => {
    const { ask, warnings } = newRouter({
      getMaxOffset: () => {
        throw new TypeError('a bug')
      },
    })

    expect(await ask({ code: 30, extFields: topicHeader })).toMatchObject({ code: 1, remark: 'a bug' })
    expect(warnings).toEqual(['getMaxOffset from 10.0.0.9:1 failed: a bug'])
  })

  it('turns a failure of the store into SERVICE_NOT_AVAILABLE', async () => {
    const { ask } = newRouter({ getMaxOffset: () => Promise.reject(new StorageError('the disk is full')) })

    expect(await ask({ code: 30, extFields: topicHeader })).toMatchObject({ code: 14, remark: 'the disk is full' })
  })

  it('passes on somebody else’s answer as it is', async () => {
    const relayed = {
      code: 207,
      remark: 'too slow',
      extFields: new Map([['a', 'b']]),
      body: Buffer.from('{"x":1}'),
    }
    const { ask } = newRouter({ getMaxOffset: () => new RelayedReply(relayed) })

    expect(await ask({ code: 30, extFields: topicHeader })).toMatchObject(relayed)
  })
})
