import { describe, expect, it } from 'vitest'
import { memoryTransportPair } from '../../src/core/remoting/index.ts'
import { FaultTransport } from './fault-transport.ts'
import { VirtualClock } from './virtual-clock.ts'

function newPair() {
  const clock = new VirtualClock()
  const pair = memoryTransportPair({ client: 'c:1', server: 's:1' })
  const faulty = new FaultTransport(pair.client, clock)
  const log: string[] = []
  const listen = (name: string) => ({
    onData: (chunk: Buffer) => log.push(`${name} ${chunk.toString()}`),
    onClose: (error: Error | undefined) => log.push(`${name} closed${error ? ' by a fault' : ''}`),
  })
  pair.server.start(listen('server'))
  faulty.start(listen('client'))
  const write = async (text: string): Promise<void> => {
    faulty.write([Buffer.from(text)])
    await clock.settle()
  }
  return { clock, faulty, server: pair.server, log, write }
}

describe('FaultTransport', () => {
  it('passes everything both ways when nothing is wrong', async () => {
    const { clock, server, log, write } = newPair()
    await write('hello')
    server.write([Buffer.from('you'), Buffer.from(' too')])
    await clock.settle()

    expect(log).toEqual(['server hello', 'client you too'])
  })

  it('drops, then goes on', async () => {
    const { faulty, log, write } = newPair()
    faulty.outgoing.chunksToDrop = 1
    await write('a')
    await write('b')

    expect(log).toEqual(['server b'])
  })

  it('delays by the clock', async () => {
    const { clock, faulty, log, write } = newPair()
    faulty.outgoing.delayMs = 100
    await write('slow')
    faulty.outgoing.delayMs = 10
    await write('fast')

    await clock.advance(99)
    expect(log).toEqual(['server fast'])
    await clock.advance(1)
    expect(log).toEqual(['server fast', 'server slow'])
  })

  it('holds back and lets go in either order', async () => {
    const { clock, faulty, server, log } = newPair()
    faulty.incoming.hold()
    for (const text of ['a', 'b']) server.write([Buffer.from(text)])
    await clock.settle()
    expect(log).toEqual([])

    faulty.incoming.release('last come')

    expect(log).toEqual(['client b', 'client a'])
  })

  it('cuts chunks into pieces and breaks the connection after so many bytes', async () => {
    const { clock, faulty, log, write } = newPair()
    faulty.outgoing.pieceBytes = 2
    faulty.outgoing.bytesUntilCut = 5
    await write('abcdefgh')
    await write('never')
    await clock.settle()

    expect(faulty.outgoing.passedBytes).toBe(5)
    expect(log).toEqual(['client closed by a fault', 'server ab', 'server cd', 'server e', 'server closed'])
  })

  it('closes as the transport inside does, and only once', async () => {
    const { clock, faulty, server, log } = newPair()
    server.end()
    await clock.settle()
    faulty.break()

    expect(log).toEqual(['server closed', 'client closed'])
  })
})
