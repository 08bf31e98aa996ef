import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { JavaMembers } from '../support/cluster/java-members.ts'
import { OurMember } from '../support/cluster/our-member.ts'
import { type PlannedShares, planned, queueOf, type ShownShares } from '../support/cluster/planned-shares.ts'
import { type Cluster, createTopic, describeCluster, startAnotherBroker, startCluster } from '../support/cluster.ts'
import { type MqResult, mq, temporaryFolder } from '../support/mq.ts'

const [TOPIC, GROUP] = ['orders', 'billing']
const TIMEOUT_S = 3

/** Every command that reads what all brokers know, with what it must still show of the one that answers. */
const READS: readonly (readonly [words: string, shows: RegExp])[] = [
  [`topics list`, /broker-a/],
  [`clusters show`, /"broker":\s*"broker-a"[^}]*"version":\s*"[45]\.\d/],
  [`doctor -g ${GROUP}`, /findings/],
  [`check lag -g ${GROUP} --max 1000`, /billing/],
  [`topics show ${TOPIC}`, /broker-a/],
  [`topics groups ${TOPIC}`, new RegExp(GROUP)],
  [`offsets show -g ${GROUP}`, /"broker":\s*"broker-a"/],
  [`rebalance show -g ${GROUP}`, /"broker":\s*"broker-a"/],
  [`rebalance check -g ${GROUP}`, /findings/],
  [`groups list`, new RegExp(GROUP)],
  [`groups show -g ${GROUP}`, new RegExp(GROUP)],
  [`messages peek ${TOPIC} -m 100`, /"broker":\s*"broker-a"/],
  [`messages get ${TOPIC} --key k1`, /"keys":\s*\[\s*"k1"/],
  [`dlq list`, /\[\]|^$/],
]

describeCluster('commands that ask two brokers', ({ version }) => {
  let cluster: Cluster
  let other: Cluster
  let member: OurMember

  beforeAll(async () => {
    cluster = await startCluster({ version })
    other = await startAnotherBroker(cluster, 'broker-b')
    for (const broker of [cluster, other]) await createTopic(broker, TOPIC)
    // Both are in the route once a message has gone to each.
    await vi.waitFor(
      async () => {
        const input = Array.from({ length: 32 }, (_, number) => `message ${number}`).join('\n')
        const sent = await run('produce', TOPIC, ['--key', 'k1', '-o', 'jsonl'], input)
        expect(sent.stdout).toContain('broker-a')
        expect(sent.stdout).toContain('broker-b')
      },
      { timeout: 60_000, interval: 500 },
    )
    // Members forget a lost broker with their next look at the routes; this one has long looked its last.
    const client = { pollNameServerIntervalMs: 3_600_000 }
    member = await OurMember.join(cluster, { topic: TOPIC, group: GROUP, client })
    await vi.waitFor(() => expect(member.owned).toHaveLength(8), { timeout: 30_000 })
    await member.untilCommitted()
  }, 180_000)

  afterAll(async () => {
    await member.leave()
    other.thawBroker()
    await other.stop()
    await cluster.stop()
  })

  const run = (words: string, subject: string, args: readonly string[], input?: string): Promise<MqResult> =>
    mq([...words.split(' '), subject, ...args, '-n', cluster.namesrv].filter(Boolean), { input })

  const read = async (words: string): Promise<MqResult & { seconds: number }> => {
    const begin = performance.now()
    const result = await run(words, '', ['--json', '--timeout', `${TIMEOUT_S}s`])
    return { ...result, seconds: (performance.now() - begin) / 1000 }
  }

  test.each(READS)('%s is whole while both answer', async (words, shows) => {
    const { code, stdout, stderr } = await read(words)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('not complete')])
    expect(stdout).toMatch(shows)
  })

  test('rebalance plan tells what Java members hold once the topic is on the other broker, too', async () => {
    const [topic, group] = ['wider', 'wide']
    await createTopic(cluster, topic, 3)
    const members = await JavaMembers.start(cluster, { group, topic })
    onTestFinished(() => members.close())
    await members.join('d', 'average')
    await members.join('m', 'average')
    const args = [topic, '-g', group, '--json']
    const before = await vi.waitFor(
      async () => {
        const { stdout } = await run('rebalance show', '', args)
        const shares = new Map((JSON.parse(stdout) as ShownShares).queues.map((one) => [queueOf(one), one.owners]))
        expect([...shares.values()].flat().sort()).toEqual(['d', 'd', 'm'].map((name) => `127.0.0.1@${name}`))
        return shares
      },
      { timeout: 60_000, interval: 500 },
    )
    const plan = await run('rebalance plan', '', [...args, '--add-broker', 'broker-b:5'])
    const after = planned(before, JSON.parse(plan.stdout) as PlannedShares)
    await createTopic(other, topic, 5)

    expect(after.size).toBe(8)
    await members.until((held) => {
      expect(new Map([...held].filter(([queue]) => queue.startsWith(`${topic} `)))).toEqual(after)
    })
  })

  describe('of which one hangs', () => {
    beforeAll(() => {
      other.freezeBroker()
    })

    test.each(READS)('%s shows in its time what the other knows, names it, and ends with 6', async (words, shows) => {
      const { code, stdout, stderr, seconds } = await read(words)
      // What an alert reads is all on stdout.
      const told = words.startsWith('check') ? stdout : stderr
      expect([code, told]).toEqual([6, expect.stringMatching(new RegExp(`broker-b|${other.brokerAddress}`))])
      expect(stdout).toMatch(shows)
      expect(seconds).toBeLessThan(TIMEOUT_S + 2)
    })
  })

  // The name server forgets a broker as soon as its connection breaks: who asks then can only know from members that there was one.
  describe('of which one is killed', () => {
    beforeAll(async () => {
      await other.killBroker()
      const known = async () => (await cluster.mqadmin(['clusterList'])).stdout
      await vi.waitFor(async () => expect(await known()).not.toContain('broker-b'), { timeout: 60_000 })
    })

    const ofMembers = /^(?:offsets show|rebalance show|check lag)/
    // What a member still holds of it is a finding.
    const others = READS.filter(([words]) => !ofMembers.test(words) && !/^(rebalance check|doctor)/.test(words))

    test.each(others)('%s shows all that is left, at once', async (words, shows) => {
      const { code, stdout, seconds } = await read(words)
      expect(code).toBe(0)
      expect(stdout).toMatch(shows)
      expect(stdout).not.toContain('"broker-b"')
      expect(seconds).toBeLessThan(TIMEOUT_S)
    })

    test.each(READS.filter(([words]) => ofMembers.test(words)))(
      '%s names it while a member holds queues of it, and ends with 6',
      async (words, shows) => {
        const { code, stdout, stderr, seconds } = await read(words)
        const told = words.startsWith('check') ? stdout : stderr
        expect([code, told]).toEqual([6, expect.stringContaining('no name server knows broker-b')])
        expect(stdout).toMatch(shows)
        expect(seconds).toBeLessThan(TIMEOUT_S)
      },
    )

    test.each(READS)('%s names it in a context that says which brokers there are', async (words, shows) => {
      const folder = temporaryFolder()
      onTestFinished(() => folder.remove())
      const env = { MQ_CONFIG_DIR: folder.path }
      await mq(['contexts', 'add', 'two', '-n', cluster.namesrv, '--brokers', 'broker-a,broker-b'], { env })
      const args = ['--context', 'two', '--json', '--timeout', `${TIMEOUT_S}s`]
      const { code, stdout, stderr } = await mq([...words.split(' '), ...args], { env })
      const told = words.startsWith('check') ? stdout : stderr

      expect(told).toContain('no name server knows broker-b')
      expect(stdout).toMatch(shows)
      // Findings come first.
      expect(/^(?:rebalance check|doctor)/.test(words) ? [6, 8] : [6]).toContain(code)
    })
  })
})
