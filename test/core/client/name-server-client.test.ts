import { describe, expect, it } from 'vitest'
import { NameServerClient } from '../../../src/core/client/index.ts'
import { BrokerResponseError, ConnectionError, TimeoutError } from '../../../src/core/errors.ts'
import { ResponseCode } from '../../../src/core/protocol/index.ts'
import { RemotingClient } from '../../../src/core/remoting/index.ts'
import { FakeNetwork, type FakePeer, FakeRefusal } from '../../support/fake-network.ts'
import { routeOf } from '../../support/fake-routes.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const route = routeOf([{ name: 'broker-a', addresses: { 0: 'a:10911' } }])

function answering(peer: FakePeer): FakePeer {
  return peer.on('getRouteInfoByTopic', () => ({ outcome: 'OK', body: route }))
}

function refusing(peer: FakePeer, code: number): FakePeer {
  return peer.on('getRouteInfoByTopic', () => new FakeRefusal(code, 'no'))
}

function silent(peer: FakePeer): FakePeer {
  return peer.on('getRouteInfoByTopic', () => undefined)
}

function build(addresses: readonly string[], first = 0) {
  const clock = new VirtualClock()
  const network = new FakeNetwork(clock)
  const remoting = new RemotingClient({ connect: network.connect, clock })
  const client = new NameServerClient({ addresses, remoting, first })
  const ask = (options = {}) => client.invoke('getRouteInfoByTopic', { topic: 'T' }, options)
  return { clock, network, remoting, ask }
}

async function failureOf(asked: Promise<unknown>, clock: VirtualClock): Promise<unknown> {
  const failed = asked.then(
    () => undefined,
    (error: unknown) => error,
  )
  await clock.advance(60_000)
  return failed
}

describe('NameServerClient', () => {
  it('begins with the one it is told to and stays with it while it answers', async () => {
    const { network, ask } = build(['n1:1', 'n2:1', 'n3:1'], 7)
    const peers = ['n1:1', 'n2:1', 'n3:1'].map((address) => answering(network.listen(address)))

    await ask()
    await ask()

    expect(peers.map((peer) => peer.seen.length)).toEqual([0, 2, 0])
  })

  it('moves on from one that refuses connections and stays with the next', async () => {
    const { network, ask } = build(['n1:1', 'n2:1'])
    const second = answering(network.listen('n2:1'))

    await ask()
    const late = answering(network.listen('n1:1'))
    await ask()

    expect([late.seen.length, second.seen.length]).toEqual([0, 2])
  })

  it('moves on from one that is silent when its time is over, and from one that talks garbage', async () => {
    const { clock, network, ask } = build(['n1:1', 'n2:1', 'n3:1'])
    silent(network.listen('n1:1'))
    network.babble('n2:1', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const third = answering(network.listen('n3:1'))

    const asked = ask()
    await clock.advance(3000)

    await expect(asked).resolves.toMatchObject({ outcome: 'OK' })
    expect(third.seen).toHaveLength(1)
  })

  it('names all of them when none answers', async () => {
    const { clock, network, ask } = build(['refusing:1', 'silent:1', 'web:80'])
    silent(network.listen('silent:1'))
    network.babble('web:80', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))

    const error = await failureOf(ask(), clock)

    expect(error).toBeInstanceOf(ConnectionError)
    const { message } = error as ConnectionError
    expect(message).toMatch(/^none of 3 name servers answers: cannot connect to refusing:1: connection refused; /)
    expect(message).toContain('; silent:1 did not answer getRouteInfoByTopic within 3000 ms; ')
    expect(message).toContain('; web:80 does not speak the RocketMQ remoting protocol: ')
    expect((error as ConnectionError).suggestions[0]).toContain('-n')
    expect((error as ConnectionError).cause).toBeInstanceOf(AggregateError)
  })

  it('says what is wrong with the only one there is', async () => {
    const { clock, ask } = build(['refusing:1'])

    const error = await failureOf(ask(), clock)

    expect((error as ConnectionError).message).toBe(
      'no name server answers: cannot connect to refusing:1: connection refused',
    )
    expect((error as ConnectionError).cause).toBeInstanceOf(ConnectionError)
  })

  it('says so when there is none', async () => {
    const { clock, ask } = build([])

    expect(await failureOf(ask(), clock)).toMatchObject({ message: 'no name server is configured' })
  })

  it.each([ResponseCode.TOPIC_NOT_EXIST, ResponseCode.SYSTEM_ERROR])(
    'asks the others before it believes response code %i: brokers may have registered there',
    async (code) => {
      const { network, ask } = build(['fresh:1', 'old:1'])
      refusing(network.listen('fresh:1'), code)
      answering(network.listen('old:1'))

      await expect(ask()).resolves.toMatchObject({ outcome: 'OK' })
    },
  )

  it('gives the refusal when no other one knows better, even if some cannot be reached', async () => {
    const { clock, network, ask } = build(['n1:1', 'gone:1', 'n3:1'])
    const peers = ['n1:1', 'n3:1'].map((address) => refusing(network.listen(address), ResponseCode.TOPIC_NOT_EXIST))

    const error = await failureOf(ask(), clock)

    expect(error).toBeInstanceOf(BrokerResponseError)
    expect(error).toMatchObject({ address: 'n1:1', responseCode: 17 })
    expect(peers.map((peer) => peer.seen.length)).toEqual([1, 1])
  })

  it('takes any other refusal for the answer of all', async () => {
    const { clock, network, ask } = build(['n1:1', 'n2:1'])
    refusing(network.listen('n1:1'), ResponseCode.NO_PERMISSION)
    const second = answering(network.listen('n2:1'))

    expect(await failureOf(ask(), clock)).toMatchObject({ responseCode: 16 })
    expect(second.seen).toHaveLength(0)
  })

  it('gives each the time it is told and stops when the signal aborts', async () => {
    const { clock, network, ask } = build(['n1:1', 'n2:1'])
    silent(network.listen('n1:1'))
    silent(network.listen('n2:1'))
    const controller = new AbortController()

    const short = await failureOf(ask({ timeoutMs: 100 }), clock)
    const waiting = ask({ signal: controller.signal })
    controller.abort(new Error('the deadline has passed'))

    expect((short as Error).message).toContain('n1:1 did not answer getRouteInfoByTopic within 100 ms')
    await expect(waiting).rejects.toThrow('the deadline has passed')
    expect((short as ConnectionError).cause).toMatchObject({
      errors: [expect.any(TimeoutError), expect.any(TimeoutError)],
    })
  })
})
