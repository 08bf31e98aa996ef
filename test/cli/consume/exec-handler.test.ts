import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExecHandler, type ExecHandlerOptions } from '../../../src/cli/consume/exec-handler.ts'
import { HandlerError } from '../../../src/core/errors.ts'
import { systemClock } from '../../../src/core/support/index.ts'
import { message } from '../../support/messages.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mq-exec-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 3 }
const order = message({
  queueId: 3,
  queueOffset: 17,
  body: Buffer.from([0x68, 0x69, 0xff]),
  reconsumeTimes: 2,
  properties: { KEYS: 'k1 k2', TAGS: 'paid', UNIQ_KEY: 'ABC' },
})

function handler(command: string, options: Partial<ExecHandlerOptions> = {}): ExecHandler {
  return new ExecHandler({
    command,
    group: 'billing',
    timeoutMs: 60_000,
    env: { PATH: process.env['PATH'] },
    clock: systemClock,
    userName: (topic) => topic,
    jsonLines: false,
    ...options,
  })
}

describe('a command that handles messages', () => {
  it('gets the body on its standard input, byte for byte, and succeeds with exit code 0', async () => {
    const file = path.join(folder, 'body')

    await handler(`cat > ${file}`).handle([order], queue)

    expect(readFileSync(file)).toEqual(Buffer.from([0x68, 0x69, 0xff]))
  })

  it('is told everything else in its environment, and no secret', async () => {
    const file = path.join(folder, 'env')
    const env = { PATH: process.env['PATH'], KEPT: 'yes', MQ_SECRET_KEY: 'hunter2', MQ_SECURITY_TOKEN: 'hunter3' }

    await handler(`env > ${file}`, { env }).handle([order], queue)

    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'MQ_TOPIC=orders',
        'MQ_GROUP=billing',
        'MQ_BROKER=broker-a',
        'MQ_QUEUE=3',
        'MQ_OFFSET=17',
        'MQ_MSG_ID=ABC',
        'MQ_OFFSET_MSG_ID=7F00000100002A9F0000000000001000',
        'MQ_KEYS=k1 k2',
        'MQ_TAGS=paid',
        'MQ_RECONSUME_TIMES=2',
        'MQ_BORN_TIME=2023-11-14T22:13:20.000Z',
        'MQ_STORE_TIME=2023-11-14T22:13:20.005Z',
        'MQ_BATCH_SIZE=1',
        'KEPT=yes',
      ]),
    )
    expect(lines.join('\n')).not.toMatch(/hunter/)
  })

  it('gets a JSON line for each message of a batch', async () => {
    const file = path.join(folder, 'lines')
    const more = message({ queueOffset: 18, body: 'second' })

    await handler(`cat > ${file}`, { jsonLines: true }).handle([order, more], queue)

    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { offset: 17, bodyBase64: 'aGn/' },
      { offset: 18, body: 'second' },
    ])
  })

  it('may ignore its input, however much there is', async () => {
    const large = message({ body: Buffer.alloc(1024 * 1024, 'x') })

    await expect(handler('true').handle([large], queue)).resolves.toBeUndefined()
  })

  it('stands for a failure with any other exit code, a signal, and when it does not exist', async () => {
    await expect(handler('exit 3').handle([order], queue)).rejects.toThrow(HandlerError)
    await expect(handler('exit 3').handle([order], queue)).rejects.toThrow('the command ended with 3')
    await expect(handler('kill -9 $$').handle([order], queue)).rejects.toThrow('the command was ended by SIGKILL')
    await expect(handler('no-such-command-here 2>/dev/null').handle([order], queue)).rejects.toThrow('ended with 127')
  })

  it('takes a key that no environment can carry without its NUL', async () => {
    const odd = message({ properties: { KEYS: 'a\u0000b' } })

    await expect(handler('test "$MQ_KEYS" = ab').handle([odd], queue)).resolves.toBeUndefined()
  })

  it('is killed with all it has started when its time is over', async () => {
    const clock = new VirtualClock()
    const file = path.join(folder, 'started')
    writeFileSync(file, '')
    const handled = handler(`echo x > ${file}; sleep 600 | cat`, { clock, timeoutMs: 1000 }).handle([order], queue)
    const failed = expect(handled).rejects.toThrow('the command was not done within 1 s and was killed')
    while (readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5))

    await clock.advance(1000)

    await failed
    expect(clock.pending).toBe(0)
  })

  it('is killed for good when it does not listen', async () => {
    const clock = new VirtualClock()
    const file = path.join(folder, 'deaf')
    writeFileSync(file, '')
    const deaf = `trap '' TERM; echo x > ${file}; while true; do sleep 0.05; done`
    const handled = handler(deaf, { clock, timeoutMs: 1000 }).handle([order], queue)
    const failed = expect(handled).rejects.toThrow('was killed')
    while (readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5))

    await clock.advance(1000)
    await clock.advance(5000)

    await failed
  })

  it('can be ended with everything that runs', async () => {
    const exec = handler('sleep 600')
    const handled = expect(exec.handle([order], queue)).rejects.toThrow('ended by SIGTERM')

    exec.kill()

    await handled
  })
})
