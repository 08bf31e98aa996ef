import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { AllocateMessageQueueAveragelyByCircle } from '../../src/core/consumer/index.ts'
import { deleteOldFiles, fillLogFile, startAgingCluster } from '../support/cluster/aging.ts'
import type { GroupScene } from '../support/cluster/consumer-scene.ts'
import { type Examined, examine, type Found, idsOf, untilFound, untilHealthy } from '../support/cluster/examining.ts'
import type { JavaPeer } from '../support/cluster/java-peer.ts'
import { clockOffBy, javaClientOf } from '../support/cluster/odd-client.ts'
import { again, GroupMaker } from '../support/cluster/rare-scenes.ts'
import { type Cluster, describeCluster, unique } from '../support/cluster.ts'
import { mq, temporaryFolder } from '../support/mq.ts'

// Some faults take a minute or two to be faults; they come about while the others are looked at.
vi.setConfig({ testTimeout: 300_000 })

const MINUTE_MS = 60_000

/** What takes its time for each version begins before the first of them is looked at. */
const beginnings: (() => void)[] = []
beforeAll(() => {
  for (const begin of beginnings) begin()
})

describeCluster('the doctor, of faults that are rare', (cluster) => {
  const old = cluster.version.startsWith('4.')
  const maker = new GroupMaker(cluster, unique)
  afterAll(() => maker.close())

  const look = ({ group }: GroupScene, ...args: string[]): Promise<Examined> => examine(cluster, group, ...args)
  const found = async (id: string, one: GroupScene, ...args: string[]): Promise<readonly Found[]> =>
    untilFound(id, () => look(one, ...args))
  const healthy = (one: GroupScene): Promise<void> => untilHealthy(() => look(one))
  const evidence = (findings: readonly Found[], id: string): string[] =>
    findings.filter((finding) => finding.id === id).map((finding) => finding.evidence)

  async function admin(...args: string[]): Promise<void> {
    const { status, stdout, stderr } = await cluster.mqadmin(args)
    if (status !== 0 || !stdout.includes('success')) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
  }

  /** What a finding says is to be done next. */
  async function heal(words: string): Promise<void> {
    const { code, stderr } = await mq([...words.split(' '), '-n', cluster.namesrv])
    if (code !== 0) throw new Error(`${words} ended with ${code}: ${stderr}`)
  }

  let unpulled: Promise<{ readonly scene: GroupScene; readonly peer: JavaPeer }>
  let aging: Promise<Awaited<ReturnType<typeof aged>>>
  beginnings.push(() => {
    unpulled = lostPull()
    // The test that waits for it fails, and nothing else.
    unpulled.catch(() => undefined)
  })
  beforeAll(() => {
    aging = aged(cluster.version)
    aging.catch(() => undefined)
  })
  afterAll(async () => {
    const { maker: other, cluster: aged } = await aging
    await other.close()
    await aged.stop()
  })

  /** A Java consumer that is not given back the answer to a pull of queue 0. */
  async function lostPull() {
    const scene = await maker.scene('unpulled')
    const peer = await maker.joinJava(scene, '--hang-pull', 'lost')
    await peer.until(() => peer.owned(scene.topic).length === 2)
    await maker.send(scene, 0, ['lost'])
    await maker.send(scene, 1, ['flows'])
    await peer.until(({ messages }) => messages.length === 1)
    return { scene, peer }
  }

  test('names clients whose clocks are not ours', async () => {
    const [ahead, behind] = [await maker.scene('ahead'), await maker.scene('behind')]
    const [fast, slow] = [
      await maker.join(ahead, { client: clockOffBy(MINUTE_MS) }),
      await maker.join(behind, { client: clockOffBy(-MINUTE_MS) }),
    ]
    const findings = await found('D22', ahead)

    expect(findings).toMatchObject([{ id: 'D22', subject: fast.clientId }])
    expect(findings[0]?.evidence).toMatch(/^its clock is at least (\d\d s|1 min) ahead of this host's$/)
    // It shows by the time of a pull that was just made.
    const flow = new AbortController()
    const flowing = again(() => maker.send(behind, 0, ['flows']), flow.signal)
    const others = await found('D22', behind).finally(() => flow.abort())
    await flowing
    expect(others).toMatchObject([{ id: 'D22', subject: slow.clientId }])
    expect(others[0]?.evidence).toMatch(/^its clock is at least \d\d s behind this host's$/)
  })

  test('names a client library that is too old, and languages where shares are wrong', async () => {
    const [ancient, recent] = [await maker.scene('ancient'), await maker.scene('recent')]
    const [member] = [
      await maker.join(ancient, { client: javaClientOf('4.8.0') }),
      await maker.join(recent, { client: javaClientOf('4.9.0') }),
    ]
    const findings = await found('D18', ancient)
    expect(findings).toMatchObject([{ subject: member.clientId, evidence: 'its client library is 4.8.0' }])
    await healthy(recent)

    const mixed = await maker.scene('mixed', 4)
    const peer = await maker.joinJava(mixed)
    await maker.join(mixed, { strategy: AllocateMessageQueueAveragelyByCircle })
    const wrong = await found('D18', mixed)
    expect(evidence(wrong, 'D18')).toEqual([expect.stringMatching(/^(JAVA: \S+; OTHER: \S+|OTHER: \S+; JAVA: \S+)$/)])
    expect(idsOf(wrong)).toContain('D06')

    await peer.stop()
    await healthy(mixed)
  })

  test('names offsets that move while no broker sees a consumer', async () => {
    const proxied = await maker.scene('proxied')
    await maker.configure(proxied)
    await maker.send(
      proxied,
      0,
      Array.from({ length: 300 }, (_, i) => `message ${i}`),
    )
    const moving = new AbortController()
    const moved = again((time) => maker.commit(proxied, 0, Math.min(time, 300)), moving.signal)
    const findings = await found('D21', proxied).finally(() => moving.abort())
    await moved

    expect(idsOf(findings)).toEqual(['D21'])
    expect(idsOf((await look(proxied)).findings)).toEqual(['D19'])
  })

  test('names a group that may not consume or broadcast, until it may', async () => {
    const [disabled, broadcast] = [await maker.scene('disabled'), await maker.scene('broadcast')]
    const folder = temporaryFolder()
    onTestFinished(() => folder.remove())
    await maker.join(disabled)
    await maker.join(broadcast, { messageModel: 'BROADCASTING', offsetsDirectory: folder.path })
    await healthy(disabled)
    await healthy(broadcast)
    const rule = (one: GroupScene, flag: string, value: string) =>
      admin('updateSubGroup', '-b', cluster.brokerAddress, '-g', one.group, flag, value)
    await rule(disabled, '-s', 'false')
    await rule(broadcast, '-d', 'false')

    expect((await look(disabled)).findings).toMatchObject([
      { id: 'D16', evidence: 'it may not consume at broker-a (consumeEnable=false)' },
    ])
    expect((await look(broadcast)).findings).toMatchObject([
      { id: 'D16', evidence: 'it may not broadcast at broker-a' },
    ])
    await heal(`groups resume -g ${disabled.group} --yes`)
    await heal(`groups config -g ${broadcast.group} --set consumeBroadcastEnable=true --yes`)
    await healthy(disabled)
    await healthy(broadcast)
  })

  test('names a topic that the group, or nobody, may read, until it may', async () => {
    const [closed, banned] = [await maker.scene('closed'), await maker.scene('banned')]
    await maker.join(closed)
    await maker.join(banned)
    await healthy(closed)
    await healthy(banned)
    await admin('updateTopicPerm', '-b', cluster.brokerAddress, '-t', closed.topic, '-p', '2')
    await vi.waitFor(
      async () => {
        expect((await look(closed)).findings).toMatchObject([
          { id: 'D16', subject: closed.topic, evidence: 'nobody may read it at broker-a' },
        ])
      },
      { timeout: 60_000, interval: 500 },
    )
    await heal(`topics create ${closed.topic} --perm rw --yes`)
    await healthy(closed)

    // 4.9 has no bans.
    if (old) return
    const ban = { ...banned, readable: false }
    await maker.client.remoting.invoke(cluster.brokerAddress, 'updateAndGetGroupForbidden', ban)
    expect((await look(banned)).findings).toMatchObject([
      { id: 'D16', subject: banned.topic, evidence: 'the group may not read it at broker-a' },
    ])
    await heal(`groups resume -g ${banned.group} ${banned.topic} --yes`)
    await healthy(banned)
  })

  test('names a reset that an owner does not take up because it does not pull', async () => {
    // Older brokers set nothing themselves: they tell members, which set and commit what they were told.
    if (/^(4\.|5\.[01]\.)/.test(cluster.version)) return
    const pending = await maker.scene('pending')
    const poison = Array.from({ length: 10 }, () => 'poison')
    await maker.send(pending, 0, poison)
    await maker.send(pending, 1, ['a', 'b', 'c', ...poison])
    // Each of them hangs, so the queues stay beyond their limit.
    const peer = await maker.joinJava(pending, '--hang-body', 'poison', '--threshold', '4', '--threads', '32')
    await vi.waitFor(async () => {
      const queue = { topic: pending.topic, brokerName: 'broker-a', queueId: 1 }
      expect(await maker.client.queueOffsets.committed(pending.group, queue)).toBe(3)
    }, 60_000)
    expect(idsOf((await look(pending)).findings)).not.toContain('D15')
    const state = temporaryFolder()
    onTestFinished(() => state.remove())
    const reset = (queue: number, to: string) => {
      const args = ['-g', pending.group, pending.topic, '--queue', `broker-a:${queue}`, '--to', to]
      const more = ['--yes', '--verify', '1s', '-n', cluster.namesrv]
      return mq(['offsets', 'reset', ...args, ...more], { env: { MQ_STATE_DIR: state.path } })
    }
    expect([(await reset(0, 'last')).code, (await reset(1, 'first')).code]).toEqual([6, 6])
    const clientId = clientOf(peer)
    await vi.waitFor(
      async () => {
        expect(evidence((await look(pending)).findings, 'D15')).toEqual([
          `broker-a:0 is committed at 10, and ${clientId} is at 0, broker-a:1 is committed at 0, and ${clientId} is at 3`,
        ])
      },
      { timeout: 120_000, interval: 1000 },
    )
  })

  test('names messages that were removed before they were consumed', async () => {
    const { cluster: other, late, current } = await aging
    const { findings } = await examine(other, late.group)

    expect(idsOf(findings)).toContain('D13')
    expect(evidence(findings, 'D13')[0]).toMatch(/^broker-a:0 is committed at 0 and begins at (\d+): \1 are gone$/)
    expect(await examine(other, current.group)).toEqual({ code: 0, findings: [] })
  })

  test('names a group its broker does not know, if that lets it in', async () => {
    const { cluster: other, maker: there } = await aging
    const unknown = await there.scene('unknown')
    await there.join(unknown)
    if (!old) {
      // A broker of 5.x forgets the heartbeat of a member whose group it does not know.
      const { code, stderr } = await mq(['doctor', '-g', unknown.group, '-n', other.namesrv])
      expect([code, stderr]).toEqual([7, expect.stringContaining(`no such group: ${unknown.group}`)])
      return
    }
    const findings = await untilFound('D16', () => examine(other, unknown.group))
    expect(findings.filter(({ id }) => id === 'D16')).toMatchObject([{ evidence: 'it is not known at broker-a' }])
    await there.configure(unknown)
    expect(idsOf((await examine(other, unknown.group)).findings)).not.toContain('D16')
  })

  test('names the queue that is not pulled any more', async () => {
    const { scene, peer } = await unpulled
    const findings = await untilFound('D10', () => look(scene), 3000)

    expect(findings).toMatchObject([{ id: 'D10', subject: clientOf(peer) }])
    expect(findings[0]?.evidence).toMatch(new RegExp(`^it has not pulled ${scene.topic} broker-a:0 for up to \\d+ min`))
  })
})

function clientOf({ events }: JavaPeer): string {
  return events.flatMap((told) => (told.event === 'started' ? [told.client ?? ''] : []))[0] ?? ''
}

/** A cluster of its own that has removed messages of a group that comes late, and knows only groups it was told of. */
async function aged(version: string) {
  const cluster: Cluster = await startAgingCluster(version, { autoCreateSubscriptionGroup: 'false' })
  const maker = new GroupMaker(cluster, unique)
  const late = await maker.scene('late', 1)
  const current = { ...late, group: unique('current') }
  await maker.configure(late)
  await maker.configure(current)
  await maker.send(late, 0, ['a', 'b', 'c'])
  await fillLogFile(cluster, maker.client, maker.producer)
  await maker.send(late, 0, ['d', 'e'])
  const queue = { topic: late.topic, brokerName: 'broker-a', queueId: 0 }
  await deleteOldFiles(cluster, async () => (await maker.client.queueOffsets.min(queue)) > 0)
  await maker.commit(late, 0, 0)
  await maker.commit(current, 0, 5)
  return { cluster, maker, late, current }
}
