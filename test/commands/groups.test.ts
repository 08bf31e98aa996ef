import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MqResult } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

interface Listed {
  readonly group: string
  readonly state: string
  readonly members: number
  readonly clients: readonly string[]
}

interface Member {
  readonly clientId: string
  readonly addresses: readonly string[]
  readonly brokers: readonly string[]
  readonly subscriptions: readonly { readonly topic: string; readonly expression: string; readonly type: string }[]
  readonly running?: {
    readonly queues: readonly { readonly queue: number; readonly dropped: boolean }[]
    readonly properties: Readonly<Record<string, string>>
    readonly stack: string | null
  }
}

const membersOf = ({ stdout }: MqResult) => JSON.parse(stdout) as { members: Member[]; online: boolean }
const groupsOf = ({ stdout }: MqResult) => (JSON.parse(stdout) as { groups: Listed[] }).groups

describe('groups list', () => {
  test('tells which groups are online, with what their members are', async () => {
    const { client, broker } = bench.consume
    await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group: 'asleep' })
    await bench.members('billing', 2)
    const groups = groupsOf(await bench.run('groups list', '--json'))

    expect(groups.map(({ group, state, members }) => [group, state, members])).toEqual([
      ['asleep', 'offline', 0],
      ['billing', 'online', 2],
    ])
    expect(groups[1]?.clients).toEqual([expect.stringMatching(/^\S+ \d\S+ ×2$/)])

    const online = await bench.run('groups list', '--online', '-o', 'table')
    expect(online.stdout.split('\n')[0]).toMatch(/^GROUP +STATE +MEMBERS +CLIENTS +MODEL$/)
    expect(online.stdout).not.toContain('asleep')
  })

  test("shows the brokers' own groups only when asked to", async () => {
    const names = async (...flags: string[]) =>
      groupsOf(await bench.run('groups list', '--json', ...flags)).map(({ group }) => group)

    expect(await names()).not.toContain('TOOLS_CONSUMER')
    expect(await names('--all')).toContain('TOOLS_CONSUMER')
  })
})

describe('groups show', () => {
  test('tells each member with its address, brokers and subscriptions', async () => {
    await bench.plant(
      { clientId: 'a', group: 'mailer', subscriptions: { [bench.topic]: 'paid || created' }, holds: [] },
      { clientId: 'b', group: 'mailer', subscriptions: { [bench.topic]: '*' }, holds: [] },
    )
    const { members, online } = membersOf(await bench.run('groups show', '-g', 'mailer', '--json'))

    expect(online).toBe(true)
    expect(members).toMatchObject([
      {
        clientId: 'a',
        brokers: ['broker-a'],
        subscriptions: [{ topic: bench.topic, expression: 'paid || created', type: 'TAG' }],
      },
      { clientId: 'b', subscriptions: [{ expression: '*' }] },
    ])
    expect(members.map(({ addresses }) => addresses.length)).toEqual([1, 1])

    const { stdout, stderr } = await bench.run('groups show', '-g', 'mailer', '-o', 'table')
    expect(stdout).toContain(`${bench.topic}:paid||created`)
    expect(stderr).toBe('2 online, CLUSTERING, CONSUME_PASSIVELY\n')
  })

  test('of one member tells its queues, its settings but for secrets, and its stack when asked', async () => {
    await bench.plant({
      clientId: 'a',
      group: 'one',
      subscriptions: { [bench.topic]: '*' },
      holds: [bench.queue(1)],
      properties: { secretKey: 's3cret' },
    })
    const show = ['-g', 'one', '--client', 'a']
    const { members } = membersOf(await bench.run('groups show', ...show, '--stack', '--json'))

    expect(members[0]?.running?.queues).toMatchObject([{ queue: 1, dropped: false }])
    expect(members[0]?.running?.properties).toMatchObject({ PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY' })
    expect(JSON.stringify(members)).not.toContain('s3cret')
    expect(members[0]?.running?.stack).toBe('the stack of\n  this member')

    const { stdout } = await bench.run('groups show', ...show, '--stack', '-o', 'table')
    expect(stdout).toMatch(/^CLIENT [^]+\n\nTOPIC [^]+\n\nPROPERTY [^]+\n\nthe stack of\n {2}this member\n$/)
  })

  test('of a member of ours tells the calls that run', async () => {
    await bench.members('ours', 1)
    const { members } = membersOf(await bench.run('groups show', '-g', 'ours', '--json'))
    const clientId = members[0]?.clientId ?? ''
    const { stdout, code } = await bench.run(
      'groups show',
      '-g',
      'ours',
      '--client',
      clientId,
      '--stack',
      '-o',
      'table',
    )

    expect(stdout).toContain('listener calls in flight: 0 of 20')
    expect(code).toBe(0)
  })

  test('of a group or member that is not there ends with 7, and a stack needs a member', async () => {
    await bench.plant({ clientId: 'alpha', group: 'few', subscriptions: { [bench.topic]: '*' }, holds: [] })
    const group = await bench.run('groups show', '-g', 'fww')
    const member = await bench.run('groups show', '-g', 'few', '--client', 'alpah')

    expect([group.code, group.stderr]).toEqual([7, 'error: no such group: fww\n  did you mean few?\n'])
    expect([member.code, member.stderr]).toEqual([7, 'error: few has no member alpah\n  did you mean alpha?\n'])
    expect((await bench.run('groups show', '-g', 'few', '--stack')).code).toBe(2)
  })
})
