import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConnectionError, UsageError } from '../../../src/core/errors.ts'
import { type TlsOptions, tcpConnect } from '../../../src/core/remoting/index.ts'
import { SocketTransport } from '../../../src/core/remoting/tcp-transport.ts'
import { type Certificates, hasOpenssl, type KeyPair, makeCertificates } from '../../support/certificates.ts'
import { echoServer, openChannel } from '../../support/remoting-loopback.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function portOf(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  )
  return (server.address() as net.AddressInfo).port
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  let certificates: Certificates

  beforeAll(() => {
    certificates = makeCertificates()
  })

  afterAll(() => {
    certificates.remove()
  })

  /** A broker behind TLS. */
  function listen(own: KeyPair, options: tls.TlsOptions = {}): Promise<number> {
    const broker = echoServer()
    const server = tls.createServer(
      { cert: readFileSync(own.cert), key: readFileSync(own.key), ...options },
      (socket) => {
        const transport = new SocketTransport('client')
        transport.attach(socket, true)
        broker.accept(transport)
      },
    )
    server.on('tlsClientError', () => undefined)
    return portOf(server)
  }

  async function roundTrip(port: number, options: TlsOptions, host = '127.0.0.1'): Promise<string> {
    const { channel, ask } = await openChannel(tcpConnect({ tls: options }), `${host}:${port}`)
    try {
      return (await ask(Buffer.from('hello'))).body.toString()
    } finally {
      channel.close()
    }
  }

  it('works with a certificate of a trusted authority, by address and by name', async () => {
    const port = await listen(certificates.server)

    expect(await roundTrip(port, { caFile: certificates.ca.cert })).toBe('hello')
    expect(await roundTrip(port, { caFile: certificates.ca.cert }, 'localhost')).toBe('hello')
  })

  it('carries bodies larger than its records', async () => {
    const port = await listen(certificates.server)
    const connect = tcpConnect({ tls: { caFile: certificates.ca.cert } })
    const { channel, ask } = await openChannel(connect, `127.0.0.1:${port}`)
    const body = Buffer.alloc(3 * 1024 * 1024, 'tls ')

    const answers = await Promise.all([ask(body), ask(Buffer.from('small')), ask(body)])

    expect(answers.map((answer) => answer.body.length)).toEqual([body.length, 5, body.length])
    expect(answers[2].body.equals(body)).toBe(true)
    channel.close()
  })

  it('refuses a certificate of an authority nobody trusts, and names the reason', async () => {
    const port = await listen(certificates.server)

    for (const options of [{}, { caFile: certificates.stranger.cert }]) {
      const failed = roundTrip(port, options)
      await expect(failed).rejects.toBeInstanceOf(ConnectionError)
      await expect(failed).rejects.toThrow(/cannot connect to 127\.0\.0\.1:\d+: unable to verify the first certificate/)
    }
  })

  it('refuses a certificate for another host', async () => {
    const port = await listen(certificates.elsewhere)

    await expect(roundTrip(port, { caFile: certificates.ca.cert })).rejects.toThrow(/does not match|altnames/)
  })

  it('takes any certificate when it is told not to look', async () => {
    expect(await roundTrip(await listen(certificates.stranger), { insecure: true })).toBe('hello')
    expect(await roundTrip(await listen(certificates.elsewhere), { insecure: true })).toBe('hello')
  })

  it('shows a certificate of its own where one is asked for', async () => {
    const port = await listen(certificates.server, { requestCert: true, ca: readFileSync(certificates.ca.cert) })
    const { ca, client, stranger } = certificates

    const own = { caFile: ca.cert, certFile: client.cert, keyFile: client.key }
    expect(await roundTrip(port, own)).toBe('hello')
    await expect(roundTrip(port, { caFile: ca.cert })).rejects.toBeInstanceOf(ConnectionError)
    const foreign = { caFile: ca.cert, certFile: stranger.cert, keyFile: stranger.key }
    await expect(roundTrip(port, foreign)).rejects.toBeInstanceOf(ConnectionError)
  })

  it('tells of files that cannot be used before it connects anywhere', () => {
    const { ca, client, server, garbage } = certificates
    const wrong: readonly (readonly [TlsOptions, RegExp])[] = [
      [{ caFile: '/no/such/ca.pem' }, /cannot read the TLS file \/no\/such\/ca\.pem/],
      [{ caFile: garbage }, /holds no certificate \(PEM\)/],
      [{ certFile: garbage, keyFile: client.key }, /the TLS files cannot be used/],
      [
        { certFile: client.cert, keyFile: server.key, caFile: ca.cert },
        /the TLS files cannot be used .*key values mismatch/,
      ],
    ]
    for (const [options, message] of wrong) {
      expect(() => tcpConnect({ tls: options })).toThrow(UsageError)
      expect(() => tcpConnect({ tls: options })).toThrow(message)
    }
  })

  it('fails at once with a peer that speaks plain text or hangs up', async () => {
    for (const reply of ['HTTP/1.1 400 Bad Request\r\n\r\n', undefined]) {
      const port = await portOf(
        net.createServer((socket) => {
          socket.on('error', () => undefined)
          socket.end(reply ?? '')
        }),
      )
      await expect(roundTrip(port, { insecure: true })).rejects.toThrow(`cannot connect to 127.0.0.1:${port}: `)
    }
  })

  it('gives up on a peer that never answers', async () => {
    const port = await portOf(net.createServer(() => undefined))
    const connect = tcpConnect({ tls: { insecure: true }, connectTimeoutMs: 50 })

    await expect(connect(`127.0.0.1:${port}`, {})).rejects.toThrow('no answer within 50 ms')
  })

  it('is not spoken by accident: a plain client of such a broker fails', async () => {
    const port = await listen(certificates.server)
    const { ask } = await openChannel(tcpConnect(), `127.0.0.1:${port}`)

    await expect(ask(Buffer.from('hello'))).rejects.toThrow(/does not speak the RocketMQ|closed the connection/)
  })
})
