import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { selectQueue } from '../../src/core/producer/index.ts'
import { clusterClient, clusterProducer, shown, untilShown } from '../support/cluster/client.ts'
import { OurMember } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, type JavaPeer, unique } from '../support/cluster.ts'
import { numbersOf } from '../support/consume-bench.ts'
import { Gate } from '../support/gate.ts'
import { type MqResult, mq, temporaryFolder } from '../support/mq.ts'

const QUEUES = 4
/** Of each queue; then a pause, so that a time lies between; then the rest. */
const EARLY = 20
const COUNT = 30

/** A message as a place: queue and offset. */
interface Place {
  readonly queue: number
  readonly offset: number
}

const key = ({ queue, offset }: Place): string => `${queue}@${String(offset).padStart(3, '0')}`

/** From an offset of each queue, or of some, to the end. */
const rest = (starts: Readonly<Record<number, number>>, count = COUNT): string[] =>
  Object.entries(starts)
    .flatMap(([queue, start]) =>
      Array.from({ length: count - start }, (_, i) => key({ queue: Number(queue), offset: start + i })),
    )
    .sort()

const everywhere = (offset: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: QUEUES }, (_, queue) => [queue, offset]))

describeCluster('mq offsets', (cluster) => {
  const at = ['-n', cluster.namesrv]
  const open: (() => Promise<unknown>)[] = []
  // Brokers tell members where to go on themselves since 5.2.
  const serverSide = /^5\.([2-9]|\d\d)/.test(cluster.version)
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  const offsets = (...args: string[]): Promise<MqResult> => mq(['offsets', ...args, ...at])
  const reset = (group: string, topic: string, ...args: string[]): Promise<MqResult> =>
    offsets('reset', '-g', group, topic, '--yes', ...args)

  /** Sends so many messages to each queue, all within a few ms. */
  async function send(topic: string, perQueue: number): Promise<void> {
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    const batch = Array.from({ length: perQueue }, (_, i) => ({ topic, body: Buffer.from(String(i)) }))
    const queues = Array.from({ length: QUEUES }, (_, queue) => selectQueue('broker-a', queue))
    const before = await shown(client, topic)
    await Promise.all(queues.map((selector) => producer.sendBatch(batch, { selector })))
    await untilShown(client, topic, before + QUEUES * perQueue)
    await producer.close()
    await client.close()
  }

  async function newTopic(): Promise<string> {
    const topic = unique('offsets')
    await createTopic(cluster, topic, QUEUES)
    return topic
  }

  /** Sends the messages every test works with; resolves to the time at which the late ones begin. */
  async function fill(topic: string): Promise<string> {
    await send(topic, EARLY)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await send(topic, COUNT - EARLY)
    const browse = ['consume', topic, ...at, '--from', `=${EARLY}`, '--until-caught-up', '-f', '%T\\n']
    const times = numbersOf((await mq(browse)).stdout)
    expect(times).toHaveLength(QUEUES * (COUNT - EARLY))
    return String(Math.min(...times))
  }

  async function topicWithMessages(): Promise<{ topic: string; time: string }> {
    const topic = await newTopic()
    return { topic, time: await fill(topic) }
  }

  async function committed(group: string, topic: string): Promise<(number | null)[]> {
    const { stdout } = await offsets('show', '-g', group, topic, '--json')
    const { queues } = JSON.parse(stdout) as { queues: { committed: number | null }[] }
    return queues.map((queue) => queue.committed)
  }

  /** What a group consumes next, all of it. */
  async function consume(group: string, topic: string): Promise<string[]> {
    const flags = ['-g', group, '--from', 'first', '--until-caught-up', '-f', '%p %o\\n']
    const { stdout, code } = await mq(['consume', topic, ...at, ...flags])
    expect(code).toBe(0)
    const places = stdout.trim() === '' ? [] : stdout.trim().split('\n')
    return places
      .map((line) => line.split(' ').map(Number))
      .map(([queue = 0, offset = 0]) => key({ queue, offset }))
      .sort()
  }

  test('an offline group goes on where it was told to, and undo puts it back', { timeout: 240_000 }, async () => {
    const { topic, time } = await topicWithMessages()
    const group = unique('billing')
    expect(await consume(group, topic)).toEqual(rest(everywhere(0)))
    const told = async (expected: readonly string[], ...args: string[]): Promise<void> => {
      const { code, stderr } = await reset(group, topic, ...args)
      expect([args, code, stderr]).toEqual([args, 0, expect.stringContaining('have moved')])
      expect([args, await consume(group, topic)]).toEqual([args, expected])
    }

    await told(rest(everywhere(0)), '--to', 'first')
    await told(rest(everywhere(EARLY)), '--to', time)
    await told(rest(everywhere(EARLY)), '--to', String(Number(time) - 50))
    await told(rest(everywhere(25)), '--to', '=25')
    await told(rest(everywhere(COUNT - 3)), '--to', '-3')
    await told(rest({ 1: 0 }), '--to', 'first', '--queue', 'broker-a:1')
    await told(rest({ 0: 7, 3: 29 }), '--to', 'broker-a:0=7,broker-a:3=29')
    await reset(group, topic, '--to', 'first')
    await told(rest(everywhere(2)), '--to', '+2')
    await reset(group, topic, '--to', 'first')
    await told([], '--to', 'last')

    const folder = temporaryFolder()
    const state = { env: { MQ_STATE_DIR: folder.path } }
    onTestFinished(() => folder.remove())
    await mq(['offsets', 'reset', '-g', group, topic, '--to', '=4', '--yes', ...at], state)
    expect(await committed(group, topic)).toEqual([4, 4, 4, 4])
    const undone = await mq(['offsets', 'undo', '--yes', ...at], state)
    expect([undone.code, undone.stderr]).toEqual([0, expect.stringContaining('have moved')])
    expect(await committed(group, topic)).toEqual([COUNT, COUNT, COUNT, COUNT])
    expect(await consume(group, topic)).toEqual([])
  })

  test('what cannot be is refused, and changes nothing', async () => {
    const { topic } = await topicWithMessages()
    const group = unique('billing')
    await consume(group, topic)
    const before = await committed(group, topic)
    const refused = async (code: number, ...args: string[]): Promise<void> => {
      expect([args, (await offsets('reset', '-g', group, topic, ...args)).code]).toEqual([args, code])
    }

    await refused(3, '--to', '=99999', '--yes')
    await refused(3, '--to', 'broker-a:0=5,broker-a:1=31', '--yes')
    await refused(3, '--to', '2099-01-01', '--yes')
    await refused(3, '--to', 'first')
    await refused(2, '--to', 'yesterday', '--yes')
    await refused(7, '--to', 'first', '--queue', 'broker-a:9', '--yes')
    await refused(0, '--to', 'first', '--dry-run')
    expect((await reset(unique('nobody'), topic, '--to', 'first')).code).toBe(7)
    expect((await reset(group, unique('nothing'), '--to', 'first')).code).toBe(7)

    expect(await committed(group, topic)).toEqual(before)
  })

  /** Members in this group, and what they have been given. */
  interface Members {
    readonly group: string
    readonly places: () => string[]
    readonly forget: () => void
  }

  async function javaMembers(topic: string, ...args: string[]): Promise<Members> {
    const group = unique('java')
    const start = () => cluster.java('push', ['--topic', topic, '--group', group, '--from', 'first', ...args])
    const peers: JavaPeer[] = [await start(), await start()]
    open.push(...peers.map((peer) => () => peer.kill()))
    let before = peers.map(() => 0)
    await vi.waitFor(() => expect(peers.map((peer) => peer.owned(topic).length)).toEqual([2, 2]), 90_000)
    return {
      group,
      places: () => peers.flatMap((peer, index) => peer.messages.slice(before[index] ?? 0)).map(key),
      forget: () => {
        before = peers.map((peer) => peer.messages.length)
      },
    }
  }

  async function ourMembers(topic: string): Promise<Members> {
    const group = unique('ours')
    const members = [await OurMember.join(cluster, { topic, group }), await OurMember.join(cluster, { topic, group })]
    open.push(...members.map((member) => () => member.leave()))
    await vi.waitFor(() => expect(members.map((member) => member.owned.length)).toEqual([2, 2]), 60_000)
    let before = members.map(() => 0)
    return {
      group,
      places: () => members.flatMap((member, index) => member.messages.slice(before[index] ?? 0)).map(key),
      forget: () => {
        before = members.map((member) => member.messages.length)
      },
    }
  }

  const settled = async (topic: string, group: string): Promise<void> => {
    await vi.waitFor(async () => expect(await committed(group, topic)).toEqual([COUNT, COUNT, COUNT, COUNT]), {
      timeout: 60_000,
      interval: 500,
    })
  }

  async function movesLive(topic: string, time: string, members: Members): Promise<void> {
    const { group, places, forget } = members
    await settled(topic, group)
    const moves = async (expected: readonly string[], ...args: string[]): Promise<void> => {
      forget()
      const { code, stderr } = await reset(group, topic, ...args)
      if (code !== 0) throw new Error(`offsets reset ${args.join(' ')} ended with ${code}:\n${stderr}`)
      await vi.waitFor(() => expect([group, [...new Set(places())].sort()]).toEqual([group, expected]), 40_000)
      await settled(topic, group)
    }
    const refuses = async (...args: string[]): Promise<void> => {
      forget()
      const { code, stderr } = await reset(group, topic, ...args)
      expect([args, code, stderr]).toEqual([args, 3, expect.stringContaining('stop the members')])
      expect(await committed(group, topic)).toEqual([COUNT, COUNT, COUNT, COUNT])
      expect(places()).toEqual([])
    }
    await moves(rest(everywhere(0)), '--to', 'first')
    await moves(rest(everywhere(EARLY)), '--to', time)
    const exact = serverSide ? moves : (_: readonly string[], ...args: string[]) => refuses(...args)
    await exact(rest(everywhere(25)), '--to', '=25')
    await exact(rest(everywhere(COUNT - 3)), '--to', '-3')
    await exact(rest({ 2: 0 }), '--to', 'first', '--queue', 'broker-a:2')
  }

  test('members that are online go on where they were told to, or it is refused', { timeout: 400_000 }, async () => {
    const topic = await newTopic()
    const [java, ours] = await Promise.all([javaMembers(topic), ourMembers(topic)])
    // Messages end the pulls that were held for the former owners, one of which might take a reset up for nobody.
    const time = await fill(topic)

    await Promise.all([movesLive(topic, time, java), movesLive(topic, time, ours)])
  })

  test('a slow Java group that is sent to the end is done with the backlog when it is told so', {
    timeout: 240_000,
  }, async () => {
    const { topic } = await topicWithMessages()
    const slow = await javaMembers(topic, '--threads', '1', '--sleep', '400')
    await vi.waitFor(() => expect(slow.places().length).toBeGreaterThan(4), 30_000)

    const { code, stderr } = await reset(slow.group, topic, '--to', 'last')
    expect([code, stderr]).toEqual([0, expect.stringContaining('have moved')])
    slow.forget()
    await send(topic, 1)
    await vi.waitFor(() => expect(slow.places()).toHaveLength(QUEUES), 30_000)

    expect(slow.places().sort()).toEqual(rest(everywhere(COUNT), COUNT + 1))
  })

  /** A member of ours that stands at the beginning of each queue, its calls held up until the gate is opened. */
  async function heldUp(topic: string): Promise<{ group: string; open: () => void; given: () => string[] }> {
    const [group, held] = [unique('held'), new Gate()]
    await consume(group, topic)
    expect((await reset(group, topic, '--to', 'first')).code).toBe(0)
    const member = await OurMember.join(cluster, { topic, group, concurrency: QUEUES, listener: held.listener })
    open.push(() => {
      held.open()
      return member.leave()
    })
    await vi.waitFor(() => expect([member.owned.length, member.messages.length]).toEqual([QUEUES, QUEUES]), 60_000)
    return { group, open: () => held.open(), given: () => member.messages.slice(QUEUES).map(key).sort() }
  }

  test('a held-up group of ours goes on n later, or it is refused, and at the end', { timeout: 240_000 }, async () => {
    const { topic } = await topicWithMessages()
    const [later, end] = await Promise.all([heldUp(topic), heldUp(topic)])
    // Ends the pulls that are held for the former owners: one of them might take a reset up for nobody.
    await send(topic, 1)

    expect((await reset(later.group, topic, '--to', '+2')).code).toBe(serverSide ? 0 : 3)
    expect((await reset(end.group, topic, '--to', 'last')).code).toBe(0)
    await send(topic, 1)
    later.open()
    end.open()

    await vi.waitFor(() => expect(end.given()).toEqual(rest(everywhere(COUNT + 1), COUNT + 2)), 60_000)
    if (serverSide) await vi.waitFor(() => expect(later.given()).toEqual(rest(everywhere(2), COUNT + 2)), 60_000)
  })
})
