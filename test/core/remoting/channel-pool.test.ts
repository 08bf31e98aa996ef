import { describe, expect, it } from 'vitest'
import { ConnectionError, ProtocolError } from '../../../src/core/errors.ts'
import {
  type Connect,
  memoryTransportPair,
  RemotingClient,
  type RemotingClientOptions,
} from '../../../src/core/remoting/index.ts'
import { FakeNetwork } from '../../support/fake-network.ts'
import { faultyConnect } from '../../support/fault-transport.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const address = 'broker-a:10911'

function newClient(options: Partial<RemotingClientOptions> = {}) {
  const clock = new VirtualClock()
  const network = new FakeNetwork(clock)
  const client = new RemotingClient({ clock, connect: network.connect, ...options })
  return { clock, network, client, broker: network.listen(address) }
}

const queue = { topic: 'T', queueId: 0 }

describe('connections', () => {
  it('are one to an address, also when many ask for it first at the same time', async () => {
    const { client, broker } = newClient()
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 1 }))

    await Promise.all([
      client.connect(address),
      ...Array.from({ length: 10 }, () => client.invoke(address, 'getMaxOffset', queue)),
    ])

    expect(broker.connections).toBe(1)
    expect(broker.count('getMaxOffset')).toBe(10)
  })

  it('are made again after a loss, at the next request, and each is told of', async () => {
    const told: string[] = []
    const { clock, client, broker } = newClient({
      onConnect: (channel) => told.push(`connected ${channel.address}`),
      onClose: (_, error) => told.push(error ? 'lost' : 'closed'),
    })
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 1 }))
    await client.invoke(address, 'getMaxOffset', queue)
    expect(client.isConnected(address)).toBe(true)

    broker.breakConnections()
    await clock.settle()
    expect(client.isConnected(address)).toBe(false)
    await client.invoke(address, 'getMaxOffset', queue)

    expect(broker.connections).toBe(2)
    expect(told).toEqual([`connected ${address}`, 'lost', `connected ${address}`])
  })

  it('that cannot be made are tried again after a pause that grows to a second', async () => {
    let attempts = 0
    const connect: Connect = (target) => {
      attempts += 1
      return Promise.reject(new ConnectionError(target, `cannot connect to ${target}`))
    }
    const { clock, client } = newClient({ connect })
    const failsWith = async (expected: number): Promise<void> => {
      await expect(client.connect(address)).rejects.toThrow(`cannot connect to ${address}`)
      expect(attempts).toBe(expected)
    }

    await failsWith(1)
    await failsWith(1)
    await clock.advance(99)
    await failsWith(1)
    await clock.advance(1)
    await failsWith(2)
    for (const [pause, expected] of [
      [200, 3],
      [400, 4],
      [800, 5],
      [1000, 6],
      [1000, 7],
    ] as const) {
      await clock.advance(pause - 1)
      await failsWith(expected - 1)
      await clock.advance(1)
      await failsWith(expected)
    }
  })

  it.each(['a success', 'it was dropped'])('are tried again after a short pause once more after %s', async (reason) => {
    let attempts = 0
    let up = false
    const clock = new VirtualClock()
    const network = new FakeNetwork(clock)
    const connect: Connect = (target, options) => {
      attempts += 1
      return up ? network.connect(target, options) : Promise.reject(new ConnectionError(target, 'down'))
    }
    const client = new RemotingClient({ clock, connect })
    const peer = network.listen(address)
    const fails = () => expect(client.connect(address)).rejects.toThrow('down')
    for (const pause of [100, 200, 400]) {
      await fails()
      await clock.advance(pause)
    }

    if (reason === 'a success') {
      up = true
      await client.connect(address)
      up = false
      peer.breakConnections()
      await clock.settle()
    } else client.drop(address)
    attempts = 0
    await fails()
    await clock.advance(99)
    await fails()
    expect(attempts).toBe(1)
    await clock.advance(1)
    await fails()

    expect(attempts).toBe(2)
  })

  it('are all closed with the client, and none is made afterwards', async () => {
    const { clock, client, broker } = newClient()
    broker.on('getMaxOffset', () => undefined)
    const waiting = expect(client.invoke(address, 'getMaxOffset', queue)).rejects.toBeInstanceOf(ConnectionError)
    await clock.settle()

    client.close()
    await waiting

    await expect(client.connect(address)).rejects.toThrow('this client is closed')
    await clock.settle()
    expect(broker.channels.size).toBe(0)
  })

  it('that come about while the client is closed are closed at once', async () => {
    let finish: () => void = () => undefined
    const pair = memoryTransportPair({ client: 'me:1', server: address })
    let closed = false
    pair.server.start({
      onData: () => undefined,
      onClose: () => {
        closed = true
      },
    })
    const connect: Connect = () =>
      new Promise((resolve) => {
        finish = () => {
          resolve(pair.client)
        }
      })
    const { clock, client } = newClient({ connect })
    const connecting = expect(client.connect(address)).rejects.toThrow('this client is closed')

    client.close()
    finish()
    await connecting
    await clock.settle()

    expect(closed).toBe(true)
    expect(client.isConnected(address)).toBe(false)
  })

  it('give an abort signal to whoever connects, which fires when the client is closed', async () => {
    let seen: AbortSignal | undefined
    const connect: Connect = (_, { signal }) => {
      seen = signal
      return new Promise(() => undefined)
    }
    const { client } = newClient({ connect })
    void client.connect(address).catch(() => undefined)
    expect(seen?.aborted).toBe(false)

    client.close()

    expect(seen?.aborted).toBe(true)
  })

  it('survive frames in pieces, and fail what waits when they are cut in the middle of an answer', async () => {
    const clock = new VirtualClock()
    const network = new FakeNetwork(clock)
    const faulty = faultyConnect(network.connect, clock)
    const client = new RemotingClient({ clock, connect: faulty.connect })
    const broker = network.listen(address)
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 7 }))
    await client.connect(address)
    const [transport] = faulty.transports
    transport!.incoming.pieceBytes = 3
    transport!.outgoing.pieceBytes = 1
    expect(await client.invoke(address, 'getMaxOffset', queue)).toMatchObject({ offset: 7 })

    transport!.incoming.bytesUntilCut = 20
    await expect(client.invoke(address, 'getMaxOffset', queue)).rejects.toBeInstanceOf(ConnectionError)

    expect(await client.invoke(address, 'getMaxOffset', queue)).toMatchObject({ offset: 7 })
    expect(faulty.transports).toHaveLength(2)
  })

  it('to a peer that talks garbage fail with its name', async () => {
    const { network, client } = newClient()
    network.babble('web:80', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))

    const failed = client.invoke('web:80', 'getMaxOffset', queue)

    await expect(failed).rejects.toBeInstanceOf(ProtocolError)
    await expect(failed).rejects.toThrow('web:80 does not speak the RocketMQ remoting protocol')
  })
})
