import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { clusterClient, clusterProducer, shown, untilShown } from '../support/cluster/client.ts'
import { createTopic, describeCluster, type JavaPeer, remotingClient, unique } from '../support/cluster.ts'
import { type MqResult, mq, temporaryFolder } from '../support/mq.ts'

interface Shown {
  readonly brokers: readonly {
    readonly settings: Readonly<Record<string, boolean | number>>
    readonly pausedTopics: readonly string[]
  }[]
}

describeCluster('groups and topics', (cluster) => {
  const old = cluster.version.startsWith('4.')
  const state = temporaryFolder()
  afterAll(() => {
    state.remove()
  })
  const run = (words: string, ...args: readonly string[]): Promise<MqResult> =>
    mq([...words.split(' '), '-n', cluster.namesrv, ...args], { env: { MQ_STATE_DIR: state.path } })

  async function told(group: string): Promise<Shown['brokers'][number] | undefined> {
    const { stdout } = await run('groups config', '-g', group, '--json')
    return (JSON.parse(stdout) as Shown).brokers[0]
  }

  async function newTopic(): Promise<string> {
    const topic = unique('changed')
    await createTopic(cluster, topic, 2)
    return topic
  }

  async function send(topic: string, bodies: readonly string[]): Promise<void> {
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    const before = await shown(client, topic)
    for (const body of bodies) await producer.send({ topic, body: Buffer.from(body) })
    await untilShown(client, topic, before + bodies.length)
    await producer.close()
    await client.close()
  }

  async function join(group: string, topic: string): Promise<JavaPeer> {
    const peer = await cluster.java('push', ['--group', group, '--topic', topic, '--from', 'first'])
    onTestFinished(() => peer.kill())
    await peer.until((told) => told.owned(topic).length === 2)
    return peer
  }

  const bodies = (peer: JavaPeer): string[] => peer.messages.map(({ body }) => body).sort()

  describe('a group', () => {
    test('is changed in what is named and in nothing else, and is not made by being looked at', async () => {
      const group = unique('configured')
      const looked = await run('groups config', '-g', group)
      await run('groups create', '-g', group, '--set', 'retryMaxTimes=5')
      const changed = await run('groups config', '-g', group, '--set', 'consumeBroadcastEnable=false', '--yes')

      expect([looked.code, changed.code]).toEqual([7, 0])
      expect((await told(group))?.settings).toMatchObject({ retryMaxTimes: 5, consumeBroadcastEnable: false })
      if (old) return
      // A setting mq has no name for: it must not be forgotten.
      const remoting = remotingClient()
      onTestFinished(() => {
        remoting.close()
      })
      const find = async () => {
        const { body } = await remoting.invoke(cluster.brokerAddress, 'getAllSubscriptionGroupConfig', {})
        return body.subscriptionGroupTable.get(group)
      }
      const next = new Map([['next', [1000, 5000]]])
      const policy = new Map<string, string | Map<string, number[]>>([
        ['type', 'CUSTOMIZED'],
        ['customizedRetryPolicy', next],
      ])
      const body = { ...(await find())!, groupRetryPolicy: policy }
      await remoting.invoke(cluster.brokerAddress, 'updateAndCreateSubscriptionGroup', { body })
      const before = await find()
      await run('groups config', '-g', group, '--set', 'retryMaxTimes=7', '--yes')

      expect(before?.groupRetryPolicy).toBeDefined()
      expect(await find()).toEqual({ ...before, retryMaxTimes: 7 })
    })

    test('of Java members that is paused gets nothing, and what came meanwhile when it goes on', async () => {
      const [group, topic] = [unique('paused'), await newTopic()]
      const peer = await join(group, topic)
      await send(topic, ['before'])
      await peer.until(({ messages }) => messages.length === 1)
      const paused = await run('groups pause', '-g', group, '--yes')
      await send(topic, ['meanwhile-1', 'meanwhile-2'])
      const member = await run('consume', topic, '-g', group, '--for', '2s', '-o', 'raw')

      expect(paused.stderr).toMatch(/1 online: they finish what they hold/)
      expect([paused.code, member.stdout, bodies(peer)]).toEqual([0, '', ['before']])
      expect((await run('groups resume', '-g', group, '--yes')).code).toBe(0)
      await peer.until(({ messages }) => messages.length === 3)
      expect(bodies(peer)).toEqual(['before', 'meanwhile-1', 'meanwhile-2'])
    })

    test('may be kept from one topic, and goes on with it while another stays so', async () => {
      const [group, topic, other] = [unique('choosy'), await newTopic(), await newTopic()]
      await run('groups create', '-g', group)
      const paused = await run('groups pause', '-g', group, topic, '--yes')
      if (old) {
        expect(paused.stderr).toContain('is older than 5.0')
        expect(paused.code).toBe(3)
        return
      }
      await run('groups pause', '-g', group, other, '--yes')
      await send(topic, ['x'])
      const kept = await run('consume', topic, '-g', group, '--from', 'first', '--for', '2s', '-o', 'raw')
      const resumed = await run('groups resume', '-g', group, topic, '--yes')
      const got = await run('consume', topic, '-g', group, '--from', 'first', '-m', '1', '--for', '60s', '-o', 'raw')

      expect([paused.code, kept.stdout, resumed.code, got.stdout]).toEqual([0, '', 0, 'x\n'])
      expect((await told(group))?.pausedTopics).toEqual([other])
    })

    test('is deleted when nobody is online, with what is named, and is put back by what that says', async () => {
      const [group, topic] = [unique('deleted'), await newTopic()]
      const peer = await join(group, topic)
      await send(topic, ['a', 'b'])
      await peer.until(({ messages }) => messages.length === 2)
      const refused = await run('groups delete', '-g', group, '--yes', '--verify', '1s')
      await peer.stop()
      // For as long as a pull may be left behind, which brings the group back.
      const deleted = await run('groups delete', '-g', group, '--with-offsets', '--yes')
      const gone = await run('offsets show', '-g', group)
      expect([refused.code, deleted.code, gone.code]).toEqual([3, 0, 7])

      const [, create = '', id = ''] = /mq (groups create .*), then: mq offsets undo (\S+)/.exec(deleted.stderr) ?? []
      await run(create)
      const undone = await run('offsets undo', id, '--yes')
      const { queues } = JSON.parse((await run('offsets show', '-g', group, topic, '--json')).stdout) as {
        queues: { committed: number | null }[]
      }
      expect(undone.code).toBe(0)
      expect(queues.reduce((sum, { committed }) => sum + (committed ?? 0), 0)).toBe(2)

      const whole = await run(
        'groups delete',
        '-g',
        group,
        '--with-offsets',
        '--with-topics',
        '--yes',
        '--verify',
        '1s',
      )
      const { stdout } = await run('topics list', '--all', '--json')
      expect(whole.code).toBe(0)
      expect(stdout).not.toContain(group)
    })
  })

  describe('a topic', () => {
    test('is shown with its queues and groups, is refused while it is consumed, and then is gone everywhere', async () => {
      const [group, topic] = [unique('consuming'), await newTopic()]
      const peer = await join(group, topic)
      await send(topic, ['a', 'b', 'c'])
      await peer.until(({ messages }) => messages.length === 3)
      const used = await run('topics delete', topic, '--yes')
      const groups = await run('topics groups', topic, '--json')
      await peer.stop()
      const topicShown = await run('topics show', topic, '--json')
      const deleted = await run('topics delete', topic, '--yes', '--json')

      expect(JSON.parse(groups.stdout)).toMatchObject({ groups: [{ group, state: 'online', members: 1 }] })
      const { queues } = JSON.parse(topicShown.stdout) as { queues: { messages: number }[] }
      expect(queues.reduce((sum, { messages }) => sum + messages, 0)).toBe(3)
      expect([used.code, deleted.code]).toEqual([3, 0])
      expect(JSON.parse(deleted.stdout)).toMatchObject({
        brokers: [{ broker: 'broker-a', messages: 3, verified: true }],
        nameServers: [{ verified: true }],
      })
      expect((await run('topics show', topic)).code).toBe(7)
      expect((await run('topics list', '--json')).stdout).not.toContain(topic)
    })
  })
})
