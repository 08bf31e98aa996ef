import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ConnectionError, isAbort, ProtocolError, TimeoutError } from '../../../src/core/errors.ts'
import { CommandFlag, command, encodeFrame, type RemotingCommand } from '../../../src/core/protocol/index.ts'
import { Channel, memoryTransportPair, respondTo, type Transport } from '../../../src/core/remoting/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A channel and the bare other end of its transport. */
function newChannel(onRequest: (request: RemotingCommand, channel: Channel) => void = () => undefined) {
  const clock = new VirtualClock()
  const { client, server } = memoryTransportPair({ client: 'me:1', server: 'broker:10911' })
  const writes: Buffer[] = []
  const closings: (Error | undefined)[] = []
  const counted: Transport = {
    remoteAddress: client.remoteAddress,
    localAddress: client.localAddress,
    start: (handlers) => {
      client.start(handlers)
    },
    write: (bytes) => {
      writes.push(Buffer.concat(bytes))
      client.write(bytes)
    },
    end: () => {
      client.end()
    },
    destroy: () => {
      client.destroy()
    },
  }
  const channel = new Channel({
    transport: counted,
    clock,
    address: 'broker:10911',
    onRequest,
    onClose: (_, error) => closings.push(error),
  })
  channel.start()
  const ask = (what = 'ask', options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
    channel.request(command({ code: 105, opaque: channel.nextOpaque() }), { what, timeoutMs: 3000, ...options })
  return { channel, clock, closings, peer: server, writes, ask }
}

const response = (opaque: number, parts: Partial<RemotingCommand> = {}): Buffer =>
  encodeFrame(command({ code: 0, opaque, flag: CommandFlag.RESPONSE, ...parts }))

describe('a request', () => {
  it('gets its own answer, in whatever order they come', async () => {
    const { clock, peer, ask } = newChannel()
    const answers = Promise.all([ask(), ask(), ask()])

    peer.write([response(3, { remark: 'c' }), response(1, { remark: 'a' }), response(2, { remark: 'b' })])
    await clock.settle()

    expect((await answers).map(({ remark }) => remark)).toEqual(['a', 'b', 'c'])
  })

  it('is answered with any code: judging is not the work of a channel', async () => {
    const { peer, ask } = newChannel()
    const answer = ask()

    peer.write([response(1, { code: 17, remark: 'no topic' })])

    expect(await answer).toMatchObject({ code: 17, remark: 'no topic' })
  })

  it('fails after its own time, and its late answer is dropped', async () => {
    const { clock, peer, ask } = newChannel()
    const late = ask('slow', { timeoutMs: 100 })
    const other = ask('other', { timeoutMs: 200 })
    const failed = expect(late).rejects.toThrow('broker:10911 did not answer slow within 100 ms')

    await clock.advance(99)
    await clock.advance(1)
    await failed
    await expect(late).rejects.toBeInstanceOf(TimeoutError)
    peer.write([response(1), response(2, { remark: 'in time' })])

    expect((await other).remark).toBe('in time')
  })

  it('fails in its own time also when a later one is more patient, and none when all are answered', async () => {
    const { clock, peer, ask } = newChannel()
    const patient = ask('patient', { timeoutMs: 1000 })
    const hasty = ask('hasty', { timeoutMs: 10 })
    const failed = expect(hasty).rejects.toBeInstanceOf(TimeoutError)
    await clock.advance(10)
    await failed

    peer.write([response(1)])
    await patient
    await clock.advance(5000)

    expect(clock.pending).toBe(0)
  })

  it('that is aborted rejects at once with the reason, and leaves no listener', async () => {
    const { clock, peer, ask } = newChannel()
    const controller = new AbortController()
    const aborted = ask('pull', { signal: controller.signal })
    const reason = new Error('rebalanced')

    controller.abort(reason)

    await expect(aborted).rejects.toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    peer.write([response(1)])
    await clock.settle()
  })

  it.each(['answered', 'late', 'cut off'])('leaves no listener on its signal when it is %s', async (end) => {
    const { clock, peer, ask } = newChannel()
    const { signal } = new AbortController()
    const outcome = ask('ask', { signal }).catch((error: unknown) => error)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)

    if (end === 'answered') peer.write([response(1)])
    if (end === 'late') await clock.advance(3000)
    if (end === 'cut off') peer.break()
    await outcome

    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('is not sent with a signal that is aborted already', async () => {
    const { clock, writes, ask } = newChannel()

    await expect(ask('ask', { signal: AbortSignal.abort() })).rejects.toSatisfy(isAbort)
    await clock.settle()

    expect(writes).toEqual([])
  })

  it('that cannot be encoded fails alone', async () => {
    const { channel, peer, ask } = newChannel()
    const impossible = command({ code: 200_050, opaque: channel.nextOpaque(), serialization: 'ROCKETMQ' })

    await expect(channel.request(impossible, { what: 'pop', timeoutMs: 1 })).rejects.toBeInstanceOf(ProtocolError)

    const fine = ask()
    peer.write([response(2)])
    expect((await fine).opaque).toBe(2)
  })
})

describe('a closed connection', () => {
  it('fails all that wait, at once, and all that come later', async () => {
    const { channel, clock, closings, peer, ask } = newChannel()
    const waiting = [ask(), ask()].map((request) => expect(request).rejects.toBeInstanceOf(ConnectionError))

    peer.break()
    await Promise.all(waiting)

    expect(channel.closed).toBe(true)
    expect(closings).toHaveLength(1)
    await expect(ask()).rejects.toBeInstanceOf(ConnectionError)
    expect(clock.pending).toBe(0)
  })

  it('says who closed it', async () => {
    const byPeer = newChannel()
    const one = expect(byPeer.ask()).rejects.toThrow('broker:10911 closed the connection')
    byPeer.peer.end()
    await one

    const byUs = newChannel()
    const other = expect(byUs.ask()).rejects.toThrow('the connection to broker:10911 was closed on this side')
    byUs.channel.close()
    await other
  })

  it('is told of once, whoever closes how often', async () => {
    const { channel, clock, closings, peer } = newChannel()

    channel.close()
    channel.close()
    channel.destroy(new Error('late'))
    peer.end()
    await clock.settle()

    expect(closings).toEqual([undefined])
  })

  it('still carries what was sent before it was closed', async () => {
    const { channel, clock, peer } = newChannel()
    const received: Buffer[] = []
    peer.start({ onData: (chunk) => received.push(Buffer.from(chunk)), onClose: () => undefined })

    channel.send(command({ code: 35, opaque: 1, flag: CommandFlag.ONEWAY }))
    channel.close()
    channel.send(command({ code: 36, opaque: 2, flag: CommandFlag.ONEWAY }))
    await clock.settle()

    expect(Buffer.concat(received).toString()).toContain('"code":35')
    expect(Buffer.concat(received).toString()).not.toContain('"code":36')
  })
})

describe('a request of the peer', () => {
  it('is never taken for an answer, even with the number of a request of ours', async () => {
    const requests: number[] = []
    const { clock, peer, ask } = newChannel((request) => requests.push(request.code))
    const answer = ask()

    peer.write([encodeFrame(command({ code: 40, opaque: 1, flag: CommandFlag.ONEWAY }))])
    await clock.settle()
    expect(requests).toEqual([40])
    peer.write([response(1, { remark: 'the answer' })])

    expect((await answer).remark).toBe('the answer')
  })

  it('can be answered, with its number', async () => {
    const { clock, peer } = newChannel((request, channel) => {
      channel.send(respondTo(request, command({ code: 0, opaque: 0, remark: 'done' })))
    })
    const received: Buffer[] = []
    peer.start({ onData: (chunk) => received.push(Buffer.from(chunk)), onClose: () => undefined })

    peer.write([encodeFrame(command({ code: 307, opaque: 4711 }))])
    await clock.settle()

    expect(Buffer.concat(received).toString()).toMatch(/"flag":1,.*"opaque":4711,"remark":"done"/)
  })

  it('is not handed over after its owner has closed the channel', async () => {
    const requests: number[] = []
    const { clock, peer } = newChannel((request, channel) => {
      requests.push(request.code)
      channel.close()
    })

    peer.write([encodeFrame(command({ code: 40, opaque: 1 })), encodeFrame(command({ code: 41, opaque: 2 }))])
    await clock.settle()

    expect(requests).toEqual([40])
  })

  it('closes the connection when its owner finds it unreadable', async () => {
    const { channel, clock, closings, peer } = newChannel(() => {
      throw new ProtocolError('missing header field consumerGroup')
    })

    peer.write([encodeFrame(command({ code: 40, opaque: 1 }))])
    await clock.settle()

    expect(channel.closed).toBe(true)
    expect(closings[0]).toBeInstanceOf(ProtocolError)
  })
})

describe('garbage', () => {
  it.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a length of 8 GiB', Buffer.from('ffffffff00000000', 'hex')],
    ['a TLS alert', Buffer.from('15030300020228', 'hex')],
    ['a header that is not JSON', Buffer.from('0000000600000002000078', 'hex').subarray(0, 10)],
  ])('like %s closes the connection and fails what waits, naming the peer', async (_, bytes) => {
    const { channel, closings, peer, ask } = newChannel()
    const failed = expect(ask()).rejects.toThrow('broker:10911 does not speak the RocketMQ remoting protocol: ')

    peer.write([bytes, Buffer.alloc(8)])
    await failed

    expect(channel.closed).toBe(true)
    expect(closings[0]).toBeInstanceOf(ProtocolError)
  })

  it('after a whole answer does not undo it', async () => {
    const { peer, ask } = newChannel()
    const [first, second] = [ask(), ask()]
    const failed = expect(second).rejects.toBeInstanceOf(ProtocolError)

    peer.write([response(1, { remark: 'good' }), Buffer.from('garbage, garbage')])

    expect((await first).remark).toBe('good')
    await failed
  })
})

describe('writing', () => {
  it('puts the frames of one turn into one write, in their order', async () => {
    const { channel, clock, writes } = newChannel()
    for (const code of [1, 2, 3]) channel.send(command({ code, opaque: code }))
    await clock.settle()
    channel.send(command({ code: 4, opaque: 4 }))
    await clock.settle()

    expect(writes).toHaveLength(2)
    expect(writes[0]?.toString().match(/"code":\d/g)).toEqual(['"code":1', '"code":2', '"code":3'])
  })

  it('numbers its requests from 1 on', () => {
    const { channel } = newChannel()

    expect([channel.nextOpaque(), channel.nextOpaque()]).toEqual([1, 2])
  })
})

describe('a connection that is closed before it is started', () => {
  it('tells so when it is started', async () => {
    const clock = new VirtualClock()
    const { client, server } = memoryTransportPair({ client: 'me:1', server: 'broker:10911' })
    server.write([response(1)])
    server.end()
    await clock.settle()
    const closings: unknown[] = []
    const channel = new Channel({
      transport: client,
      clock,
      address: 'broker:10911',
      onRequest: () => undefined,
      onClose: (_, error) => closings.push(error),
    })

    channel.start()

    expect(channel.closed).toBe(true)
    expect(closings).toEqual([undefined])
  })
})
