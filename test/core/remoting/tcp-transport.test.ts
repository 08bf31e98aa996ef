import { getEventListeners } from 'node:events'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { ConnectionError, ListenError, ProtocolError } from '../../../src/core/errors.ts'
import { joinAddress, type RemotingServer, splitAddress, tcpConnect } from '../../../src/core/remoting/index.ts'
import { echoServer, openChannel } from '../../support/remoting-loopback.ts'

const cleanups: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(host = '127.0.0.1'): Promise<{ server: RemotingServer; port: number }> {
  const server = echoServer()
  const port = await server.listen(host, 0)
  cleanups.push(() => server.close())
  return { server, port }
}

/** A bare TCP server; what it does with its connections is the test's business. */
async function listenBare(onSocket: (socket: net.Socket) => void, options: net.ServerOpts = {}): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer(options, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  )
  return (server.address() as net.AddressInfo).port
}

const connect = tcpConnect()

describe('a TCP connection', () => {
  it('carries many requests at once, and bodies larger than any buffer on the way', async () => {
    const { port } = await listen()
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)
    const large = Buffer.alloc(5 * 1024 * 1024, 'large ')

    const small = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(Buffer.from(`body ${i}`))))
    const [one, two] = await Promise.all([ask(large), ask(large)])

    expect(small.map(({ body }) => body.toString())).toEqual(Array.from({ length: 200 }, (_, i) => `body ${i}`))
    expect(one.body.equals(large) && two.body.equals(large)).toBe(true)
    channel.close()
  })

  it('knows the addresses of both its ends', async () => {
    const { port } = await listen()
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)

    expect(channel.remoteAddress).toBe(`127.0.0.1:${port}`)
    expect(channel.localAddress).toMatch(/^127\.0\.0\.1:\d+$/)
    expect((await ask(Buffer.alloc(0))).remark).toBe(channel.localAddress)
    channel.close()
  })

  it('keeps what arrives before anybody listens', async () => {
    const port = await listenBare((socket) => {
      socket.write('early, ')
      setTimeout(() => socket.end('earlier'), 20)
    })
    const transport = await connect(`127.0.0.1:${port}`, {})
    await new Promise((resolve) => setTimeout(resolve, 60))
    const received: string[] = []

    await new Promise<void>((resolve) => {
      transport.start({
        onData: (chunk) => received.push(chunk.toString()),
        onClose: () => {
          resolve()
        },
      })
    })

    expect(received.join('')).toBe('early, earlier')
  })

  it('that the peer closes or resets fails what waits', async () => {
    for (const way of ['end', 'resetAndDestroy'] as const) {
      const port = await listenBare((socket) => socket.once('data', () => socket[way]()))
      const { ask } = await openChannel(connect, `127.0.0.1:${port}`)

      await expect(ask(Buffer.alloc(10))).rejects.toThrow(`127.0.0.1:${port} closed the connection`)
    }
  })

  it('to a peer that talks something else fails with its address', async () => {
    const port = await listenBare((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const { ask } = await openChannel(connect, `127.0.0.1:${port}`)

    await expect(ask(Buffer.alloc(0))).rejects.toBeInstanceOf(ProtocolError)
  })

  it('is gone after it was closed, though the peer never closes its side', async () => {
    let received = ''
    const port = await listenBare((socket) => socket.on('data', (chunk) => (received += chunk.toString())), {
      allowHalfOpen: true,
    })
    const transport = await connect(`127.0.0.1:${port}`, {})

    await new Promise<void>((resolve) => {
      transport.start({
        onData: () => undefined,
        onClose: () => {
          resolve()
        },
      })
      transport.write([Buffer.from('last words')])
      transport.end()
    })

    expect(received).toBe('last words')
  })

  it('goes where the address map says, under its own name', async () => {
    const { port } = await listen()
    const mapped = tcpConnect({ addressMap: new Map([['10.9.8.7:10911', `127.0.0.1:${port}`]]) })
    const { channel, ask } = await openChannel(mapped, '10.9.8.7:10911')

    expect((await ask(Buffer.from('x'))).body.toString()).toBe('x')
    expect(channel.remoteAddress).toBe('10.9.8.7:10911')
    channel.close()
  })
})

describe('connecting', () => {
  it('fails where nobody listens', async () => {
    const port = await listenBare(() => undefined)
    for (const cleanup of cleanups.splice(0)) await cleanup()

    const failed = connect(`127.0.0.1:${port}`, {})

    await expect(failed).rejects.toBeInstanceOf(ConnectionError)
    await expect(failed).rejects.toThrow(`cannot connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED)`)
  })

  it('fails where the name is unknown', async () => {
    await expect(connect('no-such-host.invalid:9876', {})).rejects.toBeInstanceOf(ConnectionError)
  })

  it.each([
    '',
    'host',
    'host:',
    ':9876',
    'host:0',
    'host:65536',
    'host:9876x',
    'host:-1',
    'host:1e3',
    'a b:1',
    '[]:1',
    '[::1',
  ])('fails for %j, which is no address', async (address) => {
    await expect(connect(address, {})).rejects.toThrow(`'${address}' is not an address; write host:port`)
  })

  it('is given up when its signal aborts, and leaves nothing on the signal however it ends', async () => {
    const { port } = await listen()
    const controller = new AbortController()
    const { signal } = controller
    const transport = await connect(`127.0.0.1:${port}`, { signal })
    await expect(connect('127.0.0.1:1', { signal })).rejects.toBeInstanceOf(ConnectionError)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    const connecting = connect(`127.0.0.1:${port}`, { signal })

    controller.abort(new Error('enough'))

    await expect(connecting).rejects.toThrow(`gave up connecting to 127.0.0.1:${port}`)
    await expect(connect(`127.0.0.1:${port}`, { signal })).rejects.toThrow('gave up')
    transport.destroy()
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

describe.runIf(hasIpv6)('IPv6', () => {
  it('is reached with and without brackets', async () => {
    const { port } = await listen('::1')
    for (const address of [`[::1]:${port}`, `::1:${port}`]) {
      const { channel, ask } = await openChannel(connect, address)
      const { remark } = await ask(Buffer.alloc(0))

      expect(remark).toBe(channel.localAddress)
      expect(remark).toMatch(/^\[::1\]:\d+$/)
      channel.close()
    }
  })

  it('shows a client of IPv4 by its own address', async () => {
    const { port } = await listen('::')
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)

    expect((await ask(Buffer.alloc(0))).remark).toMatch(/^127\.0\.0\.1:\d+$/)
    channel.close()
  })
})

describe('an address', () => {
  it.each([
    ['localhost', 9876, 'localhost:9876'],
    ['10.0.0.1', 1, '10.0.0.1:1'],
    ['::1', 65_535, '[::1]:65535'],
  ])('of %s and %i is %s, both ways', (host, port, address) => {
    expect(joinAddress(host, port)).toBe(address)
    expect(splitAddress(address)).toEqual({ host, port })
  })

  it('of an IPv4 client of a dual-stack server is the IPv4 one', () => {
    expect(joinAddress('::ffff:10.0.0.1', 5)).toBe('10.0.0.1:5')
  })
})

describe('listening', () => {
  it('fails on a port that is in use, and says so', async () => {
    const { port } = await listen()

    const failed = echoServer().listen('127.0.0.1', port)

    await expect(failed).rejects.toBeInstanceOf(ListenError)
    await expect(failed).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
  })

  it('fails on an address that is not of this machine', async () => {
    await expect(echoServer().listen('192.0.2.1', 0)).rejects.toThrow('cannot listen on 192.0.2.1:0')
  })

  it('leaves the port free when the server is closed, and its clients without a connection', async () => {
    const { server, port } = await listen()
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)
    await ask(Buffer.alloc(0))

    await server.close()
    await expect(ask(Buffer.alloc(0))).rejects.toBeInstanceOf(ConnectionError)

    expect(channel.closed).toBe(true)
    const again = echoServer()
    expect(await again.listen('127.0.0.1', port)).toBe(port)
    await again.close()
  })

  it('survives clients that talk garbage or leave at once', async () => {
    const { port } = await listen()
    for (const bytes of ['', 'x', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '\xff'.repeat(16)]) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'))
        socket.on('error', () => undefined)
        socket.on('close', () => {
          resolve()
        })
        socket.resume()
      })
    }
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)

    expect((await ask(Buffer.from('still here'))).body.toString()).toBe('still here')
    channel.close()
  })
})
