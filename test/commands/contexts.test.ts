import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ConsumeBench } from '../support/consume-bench.ts'
import { type MqResult, mq, temporaryFolder } from '../support/mq.ts'

let bench: ConsumeBench
let topic: string
let folder: ReturnType<typeof temporaryFolder>
beforeAll(async () => {
  bench = await ConsumeBench.start()
  topic = await bench.topicWith(8)
})
afterAll(() => bench.close())
beforeEach(() => {
  folder = temporaryFolder()
  return () => {
    folder.remove()
  }
})

const run = (words: string, ...args: readonly string[]): Promise<MqResult> => runIn({}, words, ...args)

function runIn(env: Readonly<Record<string, string>>, words: string, ...args: readonly string[]): Promise<MqResult> {
  const folders = { MQ_CONFIG_DIR: folder.path, MQ_STATE_DIR: folder.path, MQ_DATA_DIR: path.join(folder.path, 'data') }
  return mq([...words.split(' '), ...args], { env: { ...folders, ...env }, input: '' })
}

const add = (name: string, ...flags: readonly string[]) =>
  run('contexts add', name, '-n', bench.broker.address, ...flags)
const file = () => path.join(folder.path, 'contexts.json')

describe('contexts', () => {
  test('are kept by name for their owner only, and told without what their secret is', async () => {
    const command = 'printf s3cret'
    const added = await add('prod', '--access-key', 'ops', '--secret-command', command, '--protected', '--use')
    await add('audit', '--read-only', '--namespace', 'shop')
    const listed = await run('contexts list', '--json')

    expect([added.code, added.stderr]).toEqual([0, 'context prod is kept and is the current one\n'])
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(JSON.parse(listed.stdout)).toMatchObject({
      schemaVersion: 1,
      current: 'prod',
      contexts: [
        { name: 'audit', current: false, secretFrom: null, namespace: 'shop', protected: false, readOnly: true },
        { name: 'prod', current: true, secretFrom: 'command', protected: true, readOnly: false },
      ],
    })
    expect(listed.stdout).not.toContain('s3cret')
    expect((await run('contexts list', '-o', 'table')).stdout.split('\n')[0]).toMatch(
      /^CURRENT +NAME +NAMESRV +NAMESPACE +TLS +WRITES$/,
    )
  })

  test('can be chosen, forgotten, and not be lost by mistake', async () => {
    await add('prod')
    const again = await add('prod', '--protected')
    const unknown = await run('contexts use', 'prd')
    const used = await run('contexts use', 'prod')
    const removed = await run('contexts remove', 'prod')

    expect([again.code, unknown.code, used.code, removed.code]).toEqual([3, 2, 0, 0])
    expect(unknown.stderr).toContain('there is no context prd\n  did you mean prod?')
    expect(removed.stderr).toContain('it was the current one, and there is none now')
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ contexts: {} })
    expect((await run('contexts use')).code).toBe(2)
  })

  test.each([
    ['a name with a blank', ['a b'], 'is no name for a context'],
    ['an address that is none', ['x', '-n', 'host:99999'], '--namesrv: '],
    ['a secret of nobody', ['x', '--secret-command', 'true'], 'there is a secret key but no access key'],
    ['half a certificate', ['x', '--tls-cert', 'a.pem'], 'only of use together'],
  ])('%s is refused with 2', async (_name, args, message) => {
    const { code, stderr } = await run('contexts add', ...args)

    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(existsSync(file())).toBe(false)
  })

  test('of a file that is none are refused without a word of it', async () => {
    for (const text of ['{"secret": s3cret', '[]', '{"contexts":{"a":{"secret-key":"s3cret"}}}']) {
      writeFileSync(file(), text)
      const { code, stderr } = await run('topics list')

      expect(stderr).toContain('contexts.json: ')
      expect(stderr).not.toContain('s3cret')
      expect(code).toBe(2)
    }
  })
})

describe('a command works', () => {
  const topics = ({ stdout }: MqResult) => stdout.split('\n').filter((line) => line.includes(topic)).length
  const nowhere = '127.0.0.1:1'

  test('in the current context, or the one that is named', async () => {
    await add('here', '--use')
    await run('contexts add', 'gone', '-n', nowhere)

    expect(topics(await run('topics list'))).toBe(1)
    expect((await run('topics list', '--context', 'gone')).code).toBe(5)
    expect((await runIn({ MQ_CONTEXT: 'gone' }, 'topics list')).code).toBe(5)
    expect((await run('topics list', '--context', 'gnoe')).stderr).toContain('did you mean gone?')
  })

  test('where a flag says, else where the environment says, else the context', async () => {
    await run('contexts add', 'gone', '-n', nowhere, '--use')
    const env = { MQ_NAMESRV: bench.broker.address }

    expect(topics(await run('topics list', '-n', bench.broker.address))).toBe(1)
    expect(topics(await runIn(env, 'topics list'))).toBe(1)
    expect((await runIn({ MQ_NAMESRV: nowhere }, 'topics list', '-n', bench.broker.address)).code).toBe(0)
    expect((await runIn(env, 'topics list', '--context', 'gone')).code).toBe(5)
  })

  test('with the secret its command prints, which is never told', async () => {
    const mark = path.join(folder.path, 'asked')
    await add('signed', '--access-key', 'ops', '--secret-command', `touch ${mark}; echo s3cret`)
    const signed = await run('topics list', '--context', 'signed', '--debug')
    expect([signed.code, existsSync(mark)]).toEqual([0, true])
    expect(signed.stdout + signed.stderr).not.toContain('s3cret')

    await add('locked', '--access-key', 'ops', '--secret-command', 'echo s3cret; exit 3')
    const locked = await run('topics list', '--context', 'locked', '--json')
    expect(locked.stderr).toBe('error: the secret-command of context locked failed (3)\n')
    expect([locked.code, locked.stdout.includes('s3cret')]).toEqual([2, false])
  })
})

describe('a context that is read-only', () => {
  const changes: readonly (readonly [string, readonly string[]])[] = [
    ['produce', ['TOPIC', '--body', 'x']],
    ['consume topic', ['TOPIC', '-g', 'fresh', '--until-caught-up']],
    ['topics create', ['new-topic']],
    ['offsets reset', ['-g', 'known', 'TOPIC', '--to', 'first', '--yes']],
    ['offsets init', ['-g', 'seeded', 'TOPIC', '--to', 'last', '--yes']],
    ['offsets clone', ['--from', 'known', '-g', 'copied', '--yes']],
  ]

  test.each(changes)('refuses %s', async (words, args) => {
    await commit('known')
    await add('audit', '--read-only')
    const given = args.map((arg) => (arg === 'TOPIC' ? topic : arg))
    const { code, stderr } = await run(words, ...given, '--context', 'audit')

    expect(stderr).toContain('error: nothing was changed: context audit is read-only')
    expect(code).toBe(3)
    expect(await bench.committed('known', topic)).toBe(1)
  })

  test('shows what a change would be, reads, and browses', async () => {
    await commit('known')
    await add('audit', '--read-only')
    const dry = ['offsets reset', '-g', 'known', topic, '--to', 'last', '--dry-run'] as const
    const browsed = await run(
      'consume',
      topic,
      '--from',
      'first',
      '--until-caught-up',
      '-o',
      'raw',
      '--context',
      'audit',
    )

    expect((await run(...dry, '--context', 'audit')).code).toBe(0)
    expect((await run('groups list', '--context', 'audit')).code).toBe(0)
    expect(browsed.stdout.trim().split('\n')).toHaveLength(8)
  })
})

describe('a context that names its brokers', () => {
  const reads = [
    'topics list',
    'clusters show',
    'groups list',
    'groups show -g known',
    'offsets show -g known',
    'rebalance show -g known',
    'dlq list',
    'messages peek TOPIC',
    'messages get TOPIC --key k',
    'topics show TOPIC',
    'topics groups TOPIC',
    'check lag -g known --max 100',
  ]

  test.each(reads)('%s says which of them no name server knows, and ends with 6', async (words) => {
    await commit('known')
    await add('prod', '--brokers', 'broker-a,broker-b')
    const { code, stdout, stderr } = await run(words.replace('TOPIC', topic), '--context', 'prod')

    const told = words.startsWith('check') ? stdout : stderr
    expect([code, told]).toEqual([6, expect.stringContaining('no name server knows broker-b, which is expected')])
  })

  test('warns of nothing else, however many requests wait for one that is missing', async () => {
    const wide = Array.from({ length: 12 }, (_, number) => `wide-${number}`)
    for (const name of wide) await run('topics create', name, '--yes', '-n', bench.broker.address)
    await add('prod', '--brokers', 'broker-a,broker-b')
    await Promise.all(
      wide.map((name) => run('offsets init', '-g', 'wide', name, '--to', 'first', '--yes', '-n', bench.broker.address)),
    )
    const { code, stderr } = await run('offsets show', '-g', 'wide', '--context', 'prod')

    expect([code, stderr]).toEqual([6, expect.stringMatching(/^not complete: broker-b: [^\n]*\n(?:wide: [^\n]*\n)?$/)])
  })

  test('says nothing while all of them are there, or when the cluster is named by its address alone', async () => {
    await commit('known')
    await add('prod', '--brokers', 'broker-a')
    await add('wider', '--brokers', 'broker-a,broker-b', '--use')

    expect(await run('offsets show', '-g', 'known', '--context', 'prod')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('offsets show', '-g', 'known', '-n', bench.broker.address)).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a context that is protected', () => {
  test('wants the name of what changes: neither --yes nor another name is enough', async () => {
    await commit('guarded')
    await add('prod', '--protected', '--use')
    const reset = ['offsets reset', '-g', 'guarded', topic, '--to', 'last', '--yes'] as const
    const yes = await run(...reset)
    const wrong = await run(...reset, '--confirm', 'gaurded')

    expect([yes.code, wrong.code]).toEqual([3, 3])
    expect(yes.stderr).toContain('add --confirm guarded to carry it out')
    expect(wrong.stderr).toContain('--confirm is not guarded')
    expect(await bench.committed('guarded', topic)).toBe(1)

    const right = await run(...reset, '--confirm', 'guarded')
    expect(right.code).toBe(0)
    expect(await bench.committed('guarded', topic)).toBe(8)
  })

  test('also where the cluster is named by its address', async () => {
    await add('prod', '--protected')
    const created = await run('topics create', 'sneaked', '-n', bench.broker.address)

    expect(created.stderr).toContain('context prod is protected')
    expect(created.code).toBe(3)
  })

  test('also where the cluster is named by another name of its address', async () => {
    await add('prod', '--protected')
    const [, port = ''] = bench.broker.address.split(':')
    const created = await run('topics create', 'sneaked', '-n', `localhost:${port}`)

    expect(created.stderr).toContain('context prod is protected')
    expect(created.code).toBe(3)
  })

  test('wants the topic where something is sent', async () => {
    await add('prod', '--protected', '--use')
    const send = ['produce', topic, '--body', 'x', '--queue', 'broker-a:0'] as const

    expect((await run(...send)).code).toBe(3)
    expect((await run(...send, '--confirm', topic)).code).toBe(0)
  })
})

async function commit(group: string): Promise<void> {
  const { client, broker } = bench
  await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group })
  const request = { consumerGroup: group, topic, queueId: 0, commitOffset: 1 }
  await client.remoting.invoke(broker.address, 'updateConsumerOffset', request)
}
