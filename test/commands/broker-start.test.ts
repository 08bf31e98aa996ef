import { mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { command, encodeFrame } from '../../src/core/protocol/index.ts'
import { decodeFrame } from '../support/commands.ts'
import { freePort, memoryBroker, mq, said, temporaryFolder } from '../support/mq.ts'

const folders: { remove(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove()
})

function folder(): string {
  const made = temporaryFolder()
  folders.push(made)
  return made.path
}

const start = (...flags: string[]): string[] => ['broker', 'start', '--port', '0', ...flags]

describe('broker start', () => {
  test('says where it serves, and SIGTERM stops it cleanly', async () => {
    const dataDir = path.join(folder(), 'data')
    const { code, stdout, stderr } = await mq(start('--data-dir', dataDir, '-o', 'json'), {
      during: async (child) => {
        await said(child, 'serving at')
        child.kill('SIGTERM')
      },
    })

    expect(code).toBe(0)
    const told = JSON.parse(stdout) as { namesrv: string; dataDir: string; pid: number }
    expect(told).toEqual({
      namesrv: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
      dataDir,
      pid: expect.any(Number) as unknown,
    })
    expect(stderr).toContain(`serving at ${told.namesrv} (data in ${dataDir}); export MQ_NAMESRV=${told.namesrv}`)
    expect(stderr).toContain('stopping')
  })

  test('SIGINT stops it as well, and in memory nothing is written', async () => {
    const { code, stdout, stderr } = await mq(start('--in-memory', '--json'), {
      during: async (child) => {
        await said(child, 'serving at')
        child.kill('SIGINT')
      },
    })

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ dataDir: null })
    expect(stderr).toContain('in memory: nothing is kept')
  })

  test('keeps what was acknowledged for the next start', async () => {
    const env = { MQ_DATA_DIR: path.join(folder(), 'data') }
    const serving = async (work: (namesrv: string) => Promise<void>): Promise<void> => {
      await mq(start('-o', 'json'), {
        env,
        during: async (child) => {
          const line = new Promise<string>((resolve) => child.stdout.once('data', resolve))
          await said(child, 'serving at')
          await work((JSON.parse(await line) as { namesrv: string }).namesrv)
          child.kill('SIGTERM')
        },
      })
    }
    await serving(async (namesrv) => {
      await mq(['topics', 'create', 'orders', '--queues', '2', '-n', namesrv])
    })

    let listed = ''
    await serving(async (namesrv) => {
      listed = (await mq(['topics', 'list', '-o', 'csv', '-n', namesrv])).stdout
    })

    expect(listed).toContain('orders,2,')
  })
})

describe('whoever connects', () => {
  const request = encodeFrame(command({ code: 9999, opaque: 7 }))

  test.each([
    ['talks HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['announces a frame of 8 GiB', Buffer.from('ffffffff00000000', 'hex')],
    ['announces a header longer than its frame', Buffer.from('0000001000ffffff', 'hex')],
    ['sends half a frame and leaves', request.subarray(0, request.length / 2)],
    ['sends a header that is no JSON', Buffer.from('000000060000000278787878', 'hex')],
  ])('and %s harms nobody: the next is answered, with "not supported" where that is so', async (_what, bytes) => {
    const broker = await memoryBroker()
    const port = Number(broker.address.split(':')[1])

    await exchange(port, bytes, true)
    const answer = await exchange(port, request, false)
    await broker.close()

    expect(decodeFrame(answer)).toMatchObject({ code: 3, opaque: 7, remark: ' request type 9999 not supported' })
  })

  /** Sends bytes over a connection of its own; resolves to the first that come back, or to none when it is closed. */
  function exchange(port: number, bytes: Buffer, leave: boolean): Promise<Buffer> {
    return new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        if (leave) socket.end(bytes)
        else socket.write(bytes)
      })
      socket.on('error', () => undefined)
      socket.once('data', (answer) => {
        socket.destroy()
        resolve(answer)
      })
      socket.once('close', () => resolve(Buffer.alloc(0)))
    })
  }
})

describe('what keeps it from starting is a sentence and 1', () => {
  test('a port in use', async () => {
    const server = net.createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
    })

    const { code, stderr } = await mq(['broker', 'start', '--in-memory', '--port', String(port)])
    server.close()

    expect(stderr).toMatch(new RegExp(`^error: port ${port} on 127.0.0.1 is in use\n`))
    expect(stderr).toContain('--port')
    expect(code).toBe(1)
  })

  test('a data directory another broker has', async () => {
    const dataDir = path.join(folder(), 'data')
    let second: Awaited<ReturnType<typeof mq>> | undefined
    await mq(start('--data-dir', dataDir), {
      during: async (child) => {
        await said(child, 'serving at')
        second = await mq(start('--data-dir', dataDir))
        child.kill('SIGTERM')
      },
    })

    expect(second?.stderr).toMatch(/^error: the data directory .* is in use by process \d+\n/)
    expect(second?.code).toBe(1)
  })

  test('a directory that holds something else', async () => {
    const dataDir = folder()
    writeFileSync(path.join(dataDir, 'thesis.txt'), 'precious')

    const { code, stderr } = await mq(start('--data-dir', dataDir))

    expect(stderr).toMatch(/^error: .* is not empty and was not made by mq/)
    expect(code).toBe(1)
  })

  test.skipIf(process.getuid?.() === 0)('a directory that cannot be written', async () => {
    const dataDir = path.join(folder(), 'data')
    mkdirSync(dataDir, { mode: 0o500 })

    const { code, stderr } = await mq(start('--data-dir', dataDir))

    expect(stderr).toMatch(/^error: the data directory .* cannot be used/)
    expect(code).toBe(1)
  })

  test('a directory that is a file', async () => {
    const file = path.join(folder(), 'file')
    writeFileSync(file, '')

    const { code, stderr } = await mq(start('--data-dir', file))

    expect(stderr).toMatch(/^error: the data directory .* cannot be used/)
    expect(code).toBe(1)
  })

  test('flags that contradict each other are 2', async () => {
    const { code, stderr } = await mq(start('--data-dir', 'x', '--in-memory'))

    expect(stderr).toContain('--in-memory')
    expect(code).toBe(2)
  })
})

describe('without a name server', () => {
  async function environment(): Promise<{ MQ_DATA_DIR: string; MQ_BROKER_PORT: string }> {
    return { MQ_DATA_DIR: path.join(folder(), 'data'), MQ_BROKER_PORT: String(await freePort()) }
  }

  test('a command starts one in its own process and keeps its data', async () => {
    const env = await environment()
    const sent = await mq(['produce', 'orders', '--body', 'x'], { env })
    const listed = await mq(['topics', 'list', '-o', 'csv'], { env })

    const where = `127.0.0.1:${env.MQ_BROKER_PORT}, data in ${env.MQ_DATA_DIR}`
    expect(sent.stderr).toContain(`using an embedded broker in this process at ${where}\n`)
    expect(sent.code).toBe(0)
    expect(listed.stdout).toContain('orders,4,')
  })

  test('a command uses the one of broker start', async () => {
    const env = await environment()
    let sent: Awaited<ReturnType<typeof mq>> | undefined
    await mq(['broker', 'start'], {
      env,
      during: async (child) => {
        await said(child, 'serving at')
        sent = await mq(['produce', 'orders', '--body', 'x'], { env: { ...env, MQ_DATA_DIR: '/nowhere' } })
        child.kill('SIGTERM')
      },
    })

    expect(sent?.stderr).toContain(`using the embedded broker at 127.0.0.1:${env.MQ_BROKER_PORT}\n`)
    expect(sent?.code).toBe(0)
  })

  test('commands at the same time share the one of the first', async () => {
    const env = await environment()
    const input = Array.from({ length: 2000 }, (_, i) => String(i)).join('\n')

    const results = await Promise.all([mq(['produce', 'orders'], { env, input }), mq(['topics', 'list'], { env })])

    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: expect.stringContaining('sent 2,000 messages') as unknown },
      { code: 0, stderr: expect.stringContaining('embedded broker') as unknown },
    ])
  })

  test.each([
    ['is silent', () => undefined],
    ['talks something else', (socket: net.Socket) => socket.write('220 smtp.example.org ESMTP\r\n')],
    ['hangs up', (socket: net.Socket) => socket.destroy()],
  ])('what listens on the port and %s is left alone', async (_name, onConnection) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined)
      onConnection(socket)
    })
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
    })
    const env = { ...(await environment()), MQ_BROKER_PORT: String(port) }

    const { code, stderr } = await mq(['topics', 'list'], { env })
    server.close()

    expect(stderr).toContain(`what listens on port ${port} is not ours`)
    expect(code).toBe(0)
  })

  test('a name server of Apache RocketMQ on the port is not taken for ours', async () => {
    // The same answers as a name server and a broker give, but for the mark.
    const broker = await memoryBroker()
    const foreign = await relayWithoutMark(broker.address)
    const env = { ...(await environment()), MQ_BROKER_PORT: String(foreign.port) }

    const { stderr } = await mq(['topics', 'list'], { env })
    await foreign.close()
    await broker.close()

    expect(stderr).toContain(`what listens on port ${foreign.port} is not ours`)
  })

  test('a port that is none is refused', async () => {
    const { code, stderr } = await mq(['topics', 'list'], { env: { MQ_BROKER_PORT: 'high' } })

    expect(stderr).toContain("MQ_BROKER_PORT is 'high'")
    expect(code).toBe(2)
  })

  test('TLS is refused, since the embedded broker does not speak it', async () => {
    const { code, stderr } = await mq(['topics', 'list', '--tls'])

    expect(stderr).toContain('the embedded broker does not speak TLS')
    expect(code).toBe(2)
  })
})

/** Relays to a broker; the answer to a request for runtime info is emptied of the mark. */
async function relayWithoutMark(address: string): Promise<{ port: number; close(): Promise<void> }> {
  const target = Number(address.split(':')[1])
  const server = net.createServer((socket) => {
    const upstream = net.connect(target, '127.0.0.1')
    socket.pipe(upstream)
    // The same length, so that the frame stays whole.
    upstream.on('data', (chunk) =>
      socket.write(chunk.toString('latin1').replace('embeddedBroker', 'xxxxxxxxBroker'), 'latin1'),
    )
    for (const end of [socket, upstream])
      end.on('error', () => undefined).on('close', () => [socket, upstream].map((one) => one.destroy()))
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
