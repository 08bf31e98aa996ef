import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ConsumerScene, type GroupScene, type SceneName } from '../support/cluster/consumer-scene.ts'
import { type Examined, examine, type Found, idsOf, untilFound } from '../support/cluster/examining.ts'
import { describeCluster, unique } from '../support/cluster.ts'
import { type MqResult, mq } from '../support/mq.ts'

const SCENES: readonly SceneName[] = [
  'slow',
  'failing',
  'orderly',
  'stuck',
  'healthy',
  'differ',
  'twins',
  'offline',
  'beyond',
]

// Java consumers that miss something wait for up to half a minute, on busy machines several times.
vi.setConfig({ testTimeout: 240_000 })

describeCluster('the doctor, of Java consumers', (cluster) => {
  const at = ['-n', cluster.namesrv]
  const scene = new ConsumerScene(cluster, unique)
  afterAll(() => scene.close())

  /** All at once: what a scene comes to takes its time, and each test waits for its own. */
  const scenes = new Map<SceneName, Promise<GroupScene>>()
  beforeAll(() => {
    for (const name of SCENES) {
      const made = scene.make(name)
      // The test that waits for it fails, and nothing else.
      made.catch(() => undefined)
      scenes.set(name, made)
    }
  })
  async function madeScene(name: SceneName): Promise<GroupScene> {
    const made = await scenes.get(name)
    if (made === undefined) throw new Error(`there is no scene ${name}`)
    return made
  }

  const run = (words: string, { group }: GroupScene, ...args: string[]): Promise<MqResult> =>
    mq([...words.split(' '), '-g', group, ...at, '--json', ...args])

  const look = ({ group }: GroupScene, ...args: string[]): Promise<Examined> =>
    examine(cluster, group, '--stuck-after', '5s', ...args)
  const untilFoundIn = (id: string, one: GroupScene): Promise<readonly Found[]> => untilFound(id, () => look(one))

  test('names an offset beyond the end of its queue', async () => {
    const beyond = await madeScene('beyond')
    const { code, findings } = await look(beyond)

    expect([code, idsOf(findings)]).toEqual([8, ['D12']])
    expect(findings[0]?.evidence).toBe('broker-a:3 is committed at 1000 and ends at 0')
    const show = await run('offsets show', beyond)
    expect(show.stdout).toContain('"ahead(1000)"')
    const lag = await run('check lag', beyond, '--max', '10')
    expect([lag.code, JSON.parse(lag.stdout)]).toMatchObject([8, { status: 'critical', lag: 0 }])
  })

  test('names what waits while nobody is online', async () => {
    const offline = await madeScene('offline')
    const { code, findings } = await look(offline)

    expect([code, idsOf(findings)]).toEqual([8, ['D19']])
    expect(findings[0]?.evidence).toMatch(/^12 messages wait, the oldest for .*removed in .*; nobody is online$/)
    const show = await run('offsets show', offline)
    expect(JSON.parse(show.stdout)).toMatchObject({ online: false, totals: { lag: 12 } })
  })

  test('names two clients with one id', async () => {
    const twins = await madeScene('twins')
    const findings = await untilFoundIn('D02', twins)

    expect(findings.find(({ id }) => id === 'D02')?.evidence).toMatch(/ sees it at \S+ and \S+$/)
    const check = await run('rebalance check', twins)
    expect([check.code, check.stdout]).toEqual([8, expect.stringContaining('D02')])
  })

  test('names subscriptions that differ, where lag reads 0 and messages are lost', async () => {
    const differ = await madeScene('differ')
    const findings = await untilFoundIn('D01', differ)

    expect(findings[0]).toMatchObject({ id: 'D01', subject: differ.topic })
    expect(findings[0]?.evidence).toMatch(/^tags blue: \S+; tags red: \S+$/)
    const check = await run('rebalance check', differ)
    expect([check.code, check.stdout]).toEqual([8, expect.stringContaining('D01')])
    await vi.waitFor(
      async () => {
        const { stdout } = await run('offsets show', differ)
        expect(JSON.parse(stdout)).toMatchObject({ totals: { lag: 0, unknown: 0 } })
      },
      { timeout: 60_000, interval: 500 },
    )
  })

  test('says of a member with one thread and a backlog that it is slow, never that it is stuck', async () => {
    const findings = await untilFoundIn('D20', await madeScene('slow'))

    expect(idsOf(findings)).not.toContain('D08')
    expect(findings.find(({ id }) => id === 'D20')?.evidence).toMatch(/^1 threads, 3\d\d ms a call: [\d.]+\/s/)
  })

  test('names the message at which a listener hangs while others flow, with its stack', async () => {
    const stuck = await madeScene('stuck')
    // What was last consumed in the queue stays fresh all the time.
    const flow = new AbortController()
    const flowing = scene.sendUntil(stuck, 1, flow.signal)
    const findings = await vi.waitFor(
      async () => {
        const { findings: found } = await look(stuck, '--stack')
        expect(found[0]?.evidence).toContain('done with')
        return found
      },
      { timeout: 180_000, interval: 500 },
    )
    flow.abort()
    await flowing

    expect(idsOf(findings)).toEqual(['D08'])
    expect(findings[0]?.subject).toBe(`${stuck.topic} broker-a:1`)
    expect(findings[0]?.head).toMatchObject({ queue: 1, offset: 0, reconsumeTimes: 0 })
    expect(findings[0]?.stack).toMatch(/^ConsumeMessageThread_[^]+ at \S*Peer\.hang/)
    const track = await mq(['messages', 'track', stuck.topic, 'broker-a:1:5', '-g', stuck.group, ...at, '--json'])
    expect(JSON.parse(track.stdout)).toMatchObject({ groups: [{ state: 'waiting', ahead: 5 }] })
  })

  test('names the head of a queue in order on which the listener fails', async () => {
    const orderly = await madeScene('orderly')
    const findings = await untilFoundIn('D08', orderly)

    expect(idsOf(findings)).toEqual(['D08'])
    expect(findings[0]?.subject).toBe(`${orderly.topic} broker-a:2`)
    expect(findings[0]?.evidence).toContain('takes it again and again, 2 more wait there')
  })

  test('finds nothing in a healthy group', async () => {
    const healthy = await madeScene('healthy')
    await vi.waitFor(
      async () => {
        const { stdout } = await run('rebalance show', healthy)
        const { clients = [] } = JSON.parse(stdout) as { clients?: { queues: number }[] }
        // Two of the topic, and the retry queue is one's.
        expect(clients.map(({ queues }) => queues).sort()).toEqual([2, 3])
        expect(await look(healthy)).toEqual({ code: 0, findings: [] })
      },
      { timeout: 180_000, interval: 500 },
    )

    expect((await run('rebalance check', healthy)).code).toBe(0)
    expect((await run('check lag', healthy, '--max', '0', '--max-dlq', '0')).code).toBe(0)
  })

  test('names retries that wait and dead letters, and where a message is in them', async () => {
    const failing = await madeScene('failing')
    const findings = await vi.waitFor(
      async () => {
        const found = (await look(failing)).findings
        expect(found.map(({ id, subject }) => `${id} ${subject}`)).toEqual([
          `D17 %RETRY%${failing.group}`,
          `D17 %DLQ%${failing.group}`,
        ])
        return found
      },
      { timeout: 60_000, interval: 500 },
    )

    expect(findings[0]?.evidence).toMatch(/^2 messages that failed are due again and wait in broker-a:0/)
    expect(findings[1]?.evidence).toMatch(/^3 dead letters, the newest from /)
    const show = await run('offsets show', failing)
    expect(JSON.parse(show.stdout)).toMatchObject({ totals: { retryLag: 2, dlq: 3 } })
    const track = (place: string) =>
      mq(['messages', 'track', failing.topic, place, '-g', failing.group, ...at, '--json'])
    expect(JSON.parse((await track('broker-a:0:0')).stdout)).toMatchObject({ groups: [{ state: 'dead-letter' }] })
    expect(JSON.parse((await track('broker-a:0:4')).stdout)).toMatchObject({ groups: [{ state: 'retry', retries: 1 }] })
  })
})
