import { createHmac } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { BrokerResponseError, ConnectionError, isAbort, ProtocolError, TimeoutError } from '../../../src/core/errors.ts'
import { command, type RemotingCommand } from '../../../src/core/protocol/index.ts'
import {
  type Channel,
  type Exchange,
  RemotingClient,
  type RemotingClientOptions,
  respondTo,
} from '../../../src/core/remoting/index.ts'
import { FakeNetwork, FakeRefusal } from '../../support/fake-network.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const address = 'broker-a:10911'

function newClient(options: Partial<RemotingClientOptions> = {}) {
  const clock = new VirtualClock()
  const network = new FakeNetwork(clock)
  const client = new RemotingClient({ clock, connect: network.connect, ...options })
  return { clock, network, client, broker: network.listen(address) }
}

const queue = { topic: 'T', queueId: 0 }
const listRequest = { consumerGroup: 'g' }

describe('invoke', () => {
  it('sends the fields of the table and reads the answer by it', async () => {
    const { client, broker } = newClient()
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 42 }))

    const answer = await client.invoke(address, 'getMaxOffset', { ...queue, committed: true })

    expect(answer).toEqual({ outcome: 'OK', offset: 42 })
    expect(broker.requests('getMaxOffset')).toEqual([{ ...queue, committed: true }])
  })

  it('reads bodies, and writes them', async () => {
    const { client, broker } = newClient()
    broker.on('getConsumerListByGroup', () => ({ outcome: 'OK', body: { consumerIdList: ['a', 'b'] } }))

    const { body } = await client.invoke(address, 'getConsumerListByGroup', listRequest)

    expect(body.consumerIdList).toEqual(['a', 'b'])
  })

  it('takes a declared outcome for an answer, though it may leave fields out', async () => {
    const { client, broker } = newClient()
    const request = { consumerGroup: 'g', ...queue }
    broker.on('queryConsumerOffset', () => new FakeRefusal(22, 'not found'))

    expect(await client.invoke(address, 'queryConsumerOffset', request)).toEqual({ outcome: 'NOT_FOUND' })
  })

  it('throws for every other code, with the remark', async () => {
    const { client, broker } = newClient()
    broker.on('getMaxOffset', () => new FakeRefusal(1, 'java.lang.Oops\n\tat somewhere'))

    const failed = client.invoke(address, 'getMaxOffset', queue)

    await expect(failed).rejects.toBeInstanceOf(BrokerResponseError)
    await expect(failed).rejects.toThrow(`${address} refused getMaxOffset with SYSTEM_ERROR (1): java.lang.Oops`)
  })

  it('names the peer and the request when an answer cannot be read', async () => {
    const { client, broker } = newClient()
    broker.on('getMaxOffset', () => new FakeRefusal(0))

    const failed = client.invoke(address, 'getMaxOffset', queue)

    await expect(failed).rejects.toBeInstanceOf(ProtocolError)
    await expect(failed).rejects.toThrow(
      `${address} answered getMaxOffset with something unreadable: missing header field offset`,
    )
  })

  it('waits as long as it is told, three seconds if it is not', async () => {
    const { clock, client, broker } = newClient()
    broker.on('getMaxOffset', () => undefined)
    const usual = expect(client.invoke(address, 'getMaxOffset', queue)).rejects.toThrow('within 3000 ms')
    const hasty = expect(client.invoke(address, 'getMaxOffset', queue, { timeoutMs: 50 })).rejects.toThrow('50 ms')

    await clock.advance(50)
    await hasty
    await clock.advance(2950)

    await usual
  })

  it('stops waiting when its signal aborts, also while it connects, and leaves no listener', async () => {
    const { clock, network, client, broker } = newClient()
    network.swallow('silent:1')
    broker.on('getMaxOffset', () => undefined)
    const controller = new AbortController()
    const { signal } = controller
    const failed = [address, 'silent:1'].map((target) =>
      expect(client.invoke(target, 'getMaxOffset', queue, { signal })).rejects.toSatisfy(isAbort),
    )
    await clock.settle()

    controller.abort()
    await Promise.all(failed)

    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('remembers the version a peer answers with, until the connection is dropped', async () => {
    const { client, broker } = newClient()
    broker.version = 513
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 1 }))
    expect(client.versionOf(address)).toBeUndefined()

    await client.invoke(address, 'getMaxOffset', queue)
    expect(client.versionOf(address)).toBe(513)
    client.drop(address)

    expect(client.versionOf(address)).toBeUndefined()
  })

  it('reports every exchange, with the time it took and whether it failed', async () => {
    const exchanges: Exchange[] = []
    const { clock, network, client, broker } = newClient({ onExchange: (exchange) => exchanges.push(exchange) })
    broker.on('getMaxOffset', async () => {
      await clock.sleep(20)
      return { outcome: 'OK', offset: 1 }
    })
    network.shut('nobody:1')
    const asked = client.invoke(address, 'getMaxOffset', queue)
    const failed = expect(client.invoke('nobody:1', 'getMaxOffset', queue)).rejects.toBeInstanceOf(ConnectionError)

    await clock.advance(20)
    await Promise.all([asked, failed])

    expect(exchanges).toEqual([
      { address: 'nobody:1', operation: 'getMaxOffset', millis: 0, failed: true },
      { address, operation: 'getMaxOffset', millis: 20, failed: false },
    ])
  })
})

describe('oneway', () => {
  it('sends with the bit that asks for no answer, and does not wait', async () => {
    const { clock, client, broker } = newClient()

    await client.oneway(address, 'updateConsumerOffset', { consumerGroup: 'g', ...queue, commitOffset: 5 })
    await clock.settle()

    expect(broker.seen.map(({ name, oneway }) => [name, oneway])).toEqual([['updateConsumerOffset', true]])
  })

  it('rejects only where nobody can be connected to', async () => {
    const { client } = newClient()

    await expect(
      client.oneway('nobody:1', 'updateConsumerOffset', { consumerGroup: 'g', ...queue, commitOffset: 5 }),
    ).rejects.toBeInstanceOf(ConnectionError)
  })
})

describe('a signed client', () => {
  it('signs the fields as they are sent, the common ones among them', async () => {
    const credentials = { accessKey: 'ak', secretKey: 'the secret', securityToken: 'token' }
    const { client, broker } = newClient({ credentials, extFields: new Map([['nsd', 'true']]) })
    broker.on('getMaxOffset', () => ({ outcome: 'OK', offset: 1 }))

    await client.invoke(address, 'getMaxOffset', queue)

    const fields = broker.seen[0]!.command.extFields
    const names = [...fields.keys()].filter((name) => name !== 'Signature').sort()
    expect(names).toEqual(['AccessKey', 'SecurityToken', 'nsd', 'queueId', 'topic'])
    const content = names.map((name) => fields.get(name)).join('')
    expect(fields.get('Signature')).toBe(createHmac('sha1', 'the secret').update(content).digest('base64'))
    expect(JSON.stringify([...fields])).not.toContain('the secret')
  })
})

describe('a request of a broker', () => {
  it('reaches the owner of the client, who answers over the same connection', async () => {
    const onRequest = (request: RemotingCommand, channel: Channel): void => {
      channel.send(respondTo(request, command({ code: 0, opaque: 0, remark: `served ${request.code}` })))
    }
    const { client, broker } = newClient({ onRequest })
    await client.connect(address)

    expect(await broker.ask(command({ code: 221, opaque: 0 }))).toMatchObject({ remark: 'served 221' })
  })

  it('is ignored by a client without an owner for it', async () => {
    const { clock, client, broker } = newClient()
    await client.connect(address)
    const asked = expect(broker.ask(command({ code: 221, opaque: 0 }))).rejects.toBeInstanceOf(TimeoutError)

    await clock.advance(5000)

    await asked
    expect(client.isConnected(address)).toBe(true)
  })
})
