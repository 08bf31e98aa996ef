import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type MqResult, mq, said, temporaryFolder } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
const state = temporaryFolder()
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(async () => {
  await bench.close()
  state.remove()
})

interface Settings {
  readonly consumeEnable: boolean
  readonly retryMaxTimes: number
}

function run(words: string, ...args: readonly string[]): Promise<MqResult> {
  const at = ['-n', bench.consume.broker.address]
  return mq([...words.split(' '), ...at, ...args], { env: { MQ_STATE_DIR: state.path } })
}

async function told(group: string) {
  const { stdout } = await run('groups config', '-g', group, '--json')
  const { brokers } = JSON.parse(stdout) as { brokers: { settings: Settings; pausedTopics: string[] }[] }
  return brokers[0]
}

async function allGroups(): Promise<string[]> {
  const { client, broker } = bench.consume
  const { body } = await client.remoting.invoke(broker.address, 'getAllSubscriptionGroupConfig', {})
  return [...body.subscriptionGroupTable.keys()]
}

/** How many messages of the topic a group gets: none in a second, or all 8 whenever they come. */
async function consumed(group: string, wanted: 'none' | 'all'): Promise<number> {
  const end = wanted === 'none' ? ['--for', '1s'] : ['-m', '8', '--for', '60s']
  const { stdout } = await run('consume', bench.topic, '-g', group, '--from', 'first', ...end, '-o', 'raw')
  return stdout.split('\n').filter((line) => line !== '').length
}

describe('groups create and config', () => {
  test('make a group, show it, and change only what is named', async () => {
    const created = await run('groups create', '-g', 'made', '--set', 'retryMaxTimes=5')
    const again = await run('groups create', '-g', 'made')
    const table = await run('groups config', '-g', 'made', '-o', 'table')
    const changed = await run('groups config', '-g', 'made', '--set', 'consumeBroadcastEnable=false', '--yes', '--json')

    expect([created.code, again.code, changed.code]).toEqual([0, 0, 0])
    expect(created.stderr).toContain('broker-a: created\nto undo it: mq groups delete -g made\n')
    expect(again.stderr).toBe('group made exists already and is as wanted: nothing to do\n')
    expect(table.stdout).toMatch(/^SETTING +broker-a\nconsumeEnable +true\n/)
    expect(changed.stderr).toContain('broker-a (DefaultCluster): change consumeBroadcastEnable from true to false\n')
    expect(changed.stderr).toContain('to undo it: mq groups config -g made --set consumeBroadcastEnable=true\n')
    expect(JSON.parse(changed.stdout)).toMatchObject({
      group: 'made',
      applied: true,
      brokers: [
        {
          broker: 'broker-a',
          effect: 'update',
          before: { consumeBroadcastEnable: true, retryMaxTimes: 5 },
          after: { consumeBroadcastEnable: false, retryMaxTimes: 5 },
          verified: true,
        },
      ],
    })
  })

  test('keep what brokers know of a group and we have no name for', async () => {
    const { client, broker } = bench.consume
    await run('groups create', '-g', 'rich')
    const find = async () => {
      const { body } = await client.remoting.invoke(broker.address, 'getAllSubscriptionGroupConfig', {})
      return body.subscriptionGroupTable.get('rich')
    }
    const policy = new Map<string, string | number>([
      ['type', 'CUSTOMIZED'],
      ['version', 2],
    ])
    const known = (await find())!
    const body = { ...known, groupRetryPolicy: policy, groupSysFlag: 3 }
    await client.remoting.invoke(broker.address, 'updateAndCreateSubscriptionGroup', { body })
    await run('groups config', '-g', 'rich', '--set', 'retryMaxTimes=3', '--yes')

    expect(await find()).toEqual({ ...body, retryMaxTimes: 3 })
  })

  test('ask first, and show a plan without carrying it out', async () => {
    await run('groups create', '-g', 'asked')
    const unasked = await run('groups config', '-g', 'asked', '--set', 'retryMaxTimes=1')
    const dry = await run('groups config', '-g', 'asked', '--set', 'retryMaxTimes=1', '--dry-run', '--json')

    expect([unasked.code, dry.code]).toEqual([3, 0])
    expect(unasked.stderr).toContain('change retryMaxTimes from 16 to 1')
    expect(JSON.parse(dry.stdout)).toMatchObject({ applied: false, brokers: [{ effect: 'update', verified: null }] })
    expect((await told('asked'))?.settings.retryMaxTimes).toBe(16)
  })

  test('ask for no group that is not there, since some brokers would make it', async () => {
    await run('groups create', '-g', 'there')
    const { code, stderr } = await run('groups config', '-g', 'thre')

    expect([code, stderr]).toEqual([7, 'error: no such group: thre\n  did you mean there?\n'])
    expect(await allGroups()).not.toContain('thre')
  })

  test('warn of retries that would go where nobody reads', async () => {
    await bench.members('few-retries', 1)
    await bench.dismiss()
    const set = ['-g', 'few-retries', '--set', 'retryQueueNums=4', '--dry-run'] as const
    const { stderr } = await run('groups config', ...set)

    expect(stderr).toContain('%RETRY%few-retries has 1 queues, and retries would go where nobody reads')
  })

  test.each([
    ['a setting there is not', ['--set', 'retryMaxTime=1'], 'did you mean retryMaxTimes?'],
    ['a setting without a value', ['--set', 'retryMaxTimes'], "'retryMaxTimes' is not SETTING=VALUE"],
    ['a number that is none', ['--set', 'retryMaxTimes=many'], 'retryMaxTimes is a whole number from 0 to 2147483647'],
    ['no retry queue', ['--set', 'retryQueueNums=0'], 'retryQueueNums is a whole number from 1 to 65535'],
    ['neither true nor false', ['--set', 'consumeEnable=yes'], 'consumeEnable is true or false'],
  ])('%s is refused with 2', async (_name, args, message) => {
    const { code, stderr } = await run('groups config', '-g', 'any', ...args)

    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

describe('groups pause and resume', () => {
  test('keep everything from a group, and give it all afterwards', async () => {
    await run('groups create', '-g', 'sleeper')
    const paused = await run('groups pause', '-g', 'sleeper', '--yes')
    expect([paused.code, await consumed('sleeper', 'none')]).toEqual([0, 0])
    expect(paused.stderr).toContain('change consumeEnable from true to false\nnobody is online\nbroker-a: changed\n')
    expect(paused.stderr).toContain('to undo it: mq groups resume -g sleeper\n')
    expect((await run('groups pause', '-g', 'sleeper')).stderr).toBe('group sleeper is paused already\n')

    expect((await run('groups resume', '-g', 'sleeper', '--yes')).code).toBe(0)
    expect(await consumed('sleeper', 'all')).toBe(8)
  })

  test('of one topic leave the other topics of the group as they are', async () => {
    const other = await bench.consume.topicWith(1)
    await run('groups create', '-g', 'choosy')
    await run('groups pause', '-g', 'choosy', other, '--yes')
    const paused = await run('groups pause', '-g', 'choosy', bench.topic, '--yes', '--json')

    expect(JSON.parse(paused.stdout)).toMatchObject({
      group: 'choosy',
      topic: bench.topic,
      brokers: [{ broker: 'broker-a', before: { paused: false }, after: { paused: true }, verified: true }],
    })
    expect(await consumed('choosy', 'none')).toBe(0)
    const resumed = await run('groups resume', '-g', 'choosy', bench.topic, '--yes')
    expect(resumed.stderr).toContain('; 1 other paused topics stay so')
    expect(await consumed('choosy', 'all')).toBe(8)
    expect((await told('choosy'))?.pausedTopics).toEqual([other])
    expect((await run('groups pause', '-g', 'choosy', 'nowhere', '--yes')).code).toBe(7)
  })

  test('tell who is online and what they hold', async () => {
    await bench.plant({
      clientId: 'a',
      group: 'busy',
      subscriptions: { [bench.topic]: '*' },
      holds: [bench.queue(1)],
    })
    const { stderr } = await run('groups pause', '-g', 'busy', '--dry-run')

    expect(stderr).toMatch(/1 online: they finish what they hold \(\d+ messages now\), commit it, and ask again/)
  })
})

describe('groups delete', () => {
  test('leaves what is not named, says so, and what it deletes can be put back', async () => {
    await bench.members('old', 1)
    await vi.waitFor(async () => expect(await bench.consume.committed('old', bench.topic)).toBe(8), 30_000)
    await bench.dismiss()
    await run('groups config', '-g', 'old', '--set', 'retryMaxTimes=3', '--yes')
    const dry = await run('groups delete', '-g', 'old', '--dry-run')
    expect(dry.stderr).toContain('a new group of that name goes on there (--with-offsets deletes them)')
    expect(dry.stderr).toContain('%RETRY%old with 0 messages stays (--with-topics deletes it)')

    const deleted = await run('groups delete', '-g', 'old', '--with-offsets', '--yes', '--verify', '1s', '--json')
    const { undo } = JSON.parse(deleted.stdout) as { undo: string }
    expect(deleted.code).toBe(0)
    expect(await allGroups()).not.toContain('old')
    expect((await run('offsets show', '-g', 'old')).code).toBe(7)

    const [, create = '', id = ''] = /to undo it: mq (groups create .*), then: mq offsets undo (\S+)/.exec(
      deleted.stderr,
    )!
    expect(undo).toContain(id)
    expect((await run(create)).code).toBe(0)
    expect((await run('offsets undo', id, '--yes')).code).toBe(0)
    expect(await bench.consume.committed('old', bench.topic)).toBe(8)
    expect((await told('old'))?.settings.retryMaxTimes).toBe(3)
  })

  test('takes its retry and dead-letter topics with it when asked to', async () => {
    await bench.members('whole', 1)
    await bench.dismiss()
    const { code, stderr } = await run('groups delete', '-g', 'whole', '--with-topics', '--yes', '--verify', '1s')

    expect(stderr).toContain('%RETRY%whole: deleted')
    expect(code).toBe(0)
    expect((await run('topics show', '%RETRY%whole')).code).toBe(7)
  })

  test('deletes a group again that is brought back by what a member has left behind', async () => {
    await run('groups create', '-g', 'undead')
    const { client, broker } = bench.consume
    let back = false
    const args = ['groups', 'delete', '-g', 'undead', '-n', broker.address, '--yes', '--verify', '4s']
    const { code, stderr } = await mq(args, {
      during: async (child) => {
        child.stdin.end()
        await said(child, 'broker-a: deleted')
        await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group: 'undead' })
        back = true
      },
    })

    expect(back).toBe(true)
    expect(stderr).toContain('broker-a: a pull that was left behind brought undead back; it was deleted again\n')
    expect(code).toBe(0)
    expect(await allGroups()).not.toContain('undead')
  })

  test('is refused while somebody is online, and for a group of the brokers', async () => {
    await bench.plant({ clientId: 'a', group: 'alive', subscriptions: { [bench.topic]: '*' }, holds: [] })
    const { code, stderr } = await run('groups delete', '-g', 'alive', '--yes', '--verify', '1s')
    const own = await run('groups delete', '-g', 'TOOLS_CONSUMER', '--yes', '--verify', '1s')

    expect(stderr).toContain('error: nothing was changed: alive is online: a\n')
    expect([code, own.code]).toEqual([3, 2])
    expect(await allGroups()).toContain('alive')
  })
})
