import { writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mq, temporaryFolder } from '../support/mq.ts'

const folder = temporaryFolder()
const servers: net.Server[] = []
const addresses = { closed: '', silent: '', garbage: '', huge: '', cut: '', closing: '' }

/** A peer that does something with whoever connects. */
async function peer(onConnection: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  servers.push(server)
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
  return `127.0.0.1:${port}`
}

beforeAll(async () => {
  addresses.silent = await peer(() => undefined)
  addresses.garbage = await peer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
  // A frame of 8 GiB, were the length read as unsigned; and one that ends in the middle.
  addresses.huge = await peer((socket) => socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])))
  addresses.cut = await peer((socket) => socket.end(Buffer.from([0, 0, 0, 100, 0, 0, 0, 50, 0x7b])))
  addresses.closing = await peer((socket) => socket.destroy())
  const gone = net.createServer()
  addresses.closed = await new Promise<string>((resolve) => {
    gone.listen(0, '127.0.0.1', () => {
      const { port } = gone.address() as net.AddressInfo
      gone.close(() => resolve(`127.0.0.1:${port}`))
    })
  })
})
afterAll(() => {
  for (const server of servers) server.close()
  folder.remove()
})

const errorLine = /^error: .+$/m
const stack = /^\s+at /m

describe('a name server', () => {
  test.each([
    ['that is not there', 'closed', 'connection refused'],
    ['that is silent', 'silent', 'did not answer'],
    ['that talks another protocol', 'garbage', 'does not speak the RocketMQ remoting protocol'],
    ['that announces a frame of 8 GiB', 'huge', 'does not speak the RocketMQ remoting protocol'],
    ['that ends in the middle of a frame', 'cut', 'closed the connection'],
    ['that hangs up', 'closing', ''],
  ] as const)('%s is one sentence with its address, and 5', async (_name, which, why) => {
    const address = addresses[which]
    const [listed, produced] = await Promise.all([
      mq(['topics', 'list', '-n', address, '--timeout', '2s']),
      mq(['produce', 'orders', '--body', 'x', '-n', address, '--timeout', '2s']),
    ])

    for (const { code, stdout, stderr } of [listed, produced]) {
      expect(stderr).toMatch(errorLine)
      expect(stderr).toContain(address)
      expect(stderr).toContain(why)
      expect(stderr).not.toMatch(stack)
      expect(stderr.match(/^error: /gm)).toHaveLength(1)
      expect(stdout).toBe('')
      expect(code).toBe(5)
    }
  })

  test('of several, all are named', async () => {
    const { code, stderr } = await mq(['topics', 'list', '-n', `${addresses.closed};${addresses.closing}`])

    expect(stderr).toContain('none of 2 name servers answers')
    expect(stderr).toContain(addresses.closed)
    expect(stderr).toContain(addresses.closing)
    expect(code).toBe(5)
  })

  test.each(['host:notaport', 'host:0', 'a b:1', ';', 'host:99999'])('at %j is no address: 2', async (address) => {
    const { code, stderr } = await mq(['topics', 'list', '-n', address])

    expect(stderr).toMatch(/^error: --namesrv: /)
    expect(code).toBe(2)
  })
})

describe('arguments', () => {
  test.each([
    ['a misspelt flag', ['topics', 'list', '--jsn'], 'there is no flag --jsn\n  did you mean --json?'],
    ['a misspelt flag with a value', ['produce', 't', '--bdy=x'], 'there is no flag --bdy\n  did you mean --body?'],
    ['a flag without its value', ['topics', 'list', '-n'], '--namesrv expects a value'],
    ['a flag given twice', ['produce', 't', '--body', 'a', '--body', 'b'], '--body can only be specified once'],
    ['an argument too many', ['topics', 'list', 'orders'], 'mq topics list takes no argument: orders'],
    ['an argument too few', ['produce'], 'TOPIC is missing'],
    ['a format there is not', ['topics', 'list', '-o', 'xml'], 'to be one of: table, wide, json'],
    ['a time without a unit', ['topics', 'list', '--timeout', '10'], "--timeout: '10' is not a duration"],
    ['a size that is none', ['produce', 't', '--size', 'big'], "--size: 'big' is not a size"],
    ['a count of none', ['produce', 't', '--body', 'x', '--count', '0'], '--count: it is 0'],
    ['a delay no broker has', ['produce', 't', '--body', 'x', '--delay', '45s'], '--delay: 45 s is none of the delays'],
    ['two ways to make the body', ['produce', 't', '--body', 'x', '--size', '1k'], '--body and --size'],
    ['a broker map that is none', ['topics', 'list', '--broker-map', 'x'], '--broker-map:'],
    ['a TLS file that is not there', ['topics', 'list', '-n', 'x:1', '--tls-ca', '/no/ca.pem'], '/no/ca.pem'],
  ])('%s is a sentence and 2, and nothing is started', async (_name, args, message) => {
    const { code, stdout, stderr } = await mq(args)

    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(stack)
    expect(stderr).not.toContain('embedded broker')
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('with --json the error is JSON on stdout with the same exit code, and a sentence on stderr', async () => {
    const usage = await mq(['topics', 'list', '--jsn', '--json'])
    const unreachable = await mq(['topics', 'list', '-n', addresses.closed, '-o', 'json'])

    expect(JSON.parse(usage.stdout)).toEqual({
      error: { code: 'USAGE', exit: 2, message: 'there is no flag --jsn', suggestions: ['did you mean --json?'] },
    })
    expect(usage.code).toBe(2)
    expect(JSON.parse(unreachable.stdout)).toMatchObject({ error: { code: 'UNREACHABLE', exit: 5 } })
    expect(unreachable.stderr).toMatch(errorLine)
    expect(unreachable.code).toBe(5)
  })

  test('--debug shows the stack and the cause', async () => {
    const { code, stderr } = await mq(['topics', 'list', '-n', addresses.closed, '--debug'])

    expect(stderr).toMatch(stack)
    expect(stderr).toContain('caused by')
    expect(code).toBe(5)
  })
})

describe('commands', () => {
  test.each([
    [['topic', 'list'], "there is no command 'mq topic'\n  did you mean mq topics list?"],
    [['prodce', 'orders', '--body', 'x'], "there is no command 'mq prodce'\n  did you mean mq produce?"],
    [['consumerProgress', '-g', 'g'], 'consumerProgress is a command of mqadmin'],
    [['updateTopic'], "here it is 'mq topics create'"],
  ])('%j is unknown: 127', async (args, message) => {
    const { code, stderr } = await mq(args)

    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(stack)
    expect(code).toBe(127)
  })

  test('none at all is help and 0, and so is help', async () => {
    for (const args of [[], ['help'], ['--help']]) {
      const { code, stdout } = await mq(args)

      expect(stdout).toContain('COMMANDS')
      expect(code).toBe(0)
    }
    expect((await mq(['help', 'topics', 'list'])).stdout).toContain('mq topics list')
  })
})

describe('the secret', () => {
  const secret = 'hunter2-9f3c'
  const file = path.join(folder.path, 'secret')
  writeFileSync(file, `${secret}\n`)
  const named = ['--access-key', 'me', '--secret-key-file', file]

  test.each([
    ['an unreachable name server', () => ['topics', 'list', '-n', addresses.closed, ...named]],
    ['a silent one', () => ['topics', 'list', '-n', addresses.silent, '--timeout', '500ms', ...named]],
    ['garbage', () => ['produce', 't', '--body', 'x', '-n', addresses.garbage, ...named]],
    ['a misspelt flag', () => ['topics', 'list', '--jsn', ...named]],
    ['a bad topic', () => ['topics', 'create', 'a b', '-n', addresses.closed, ...named]],
    ['a secret on the command line', () => ['topics', 'list', `--secret-key=${secret}`]],
    ['a secret in a second word', () => ['topics', 'list', '--secret-key', secret]],
    ['a secret before the command', () => [`--secret-key=${secret}`, 'topics', 'list']],
    ['no access key', () => ['topics', 'list', '-n', addresses.closed]],
    ['an unknown command', () => ['topics', 'lst', ...named]],
  ])('is never printed: %s', async (_name, args) => {
    for (const more of [[], ['--json'], ['--debug']]) {
      const { code, stdout, stderr } = await mq([...args(), ...more], { env: { MQ_SECRET_KEY: secret, DEBUG: '' } })

      expect(code).not.toBe(0)
      expect(stdout + stderr).not.toContain(secret)
    }
  })
})
