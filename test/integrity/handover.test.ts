import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConsumerGroup, type Member, type MemberOptions } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'

const QUEUES = 8
const HANDOVER_MS = 500
/** How long each listener call takes, unless a test says otherwise. */
const CALL_MS = 150
/** Every 100 ms each queue gets so many messages. */
const BURST = 5

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, QUEUES)
})

afterEach(() => cluster.close())

function join(options: MemberOptions = {}): Promise<Member> {
  return group.join({
    concurrency: 100,
    listener: () => cluster.clock.sleep(CALL_MS).then(() => 'CONSUME_SUCCESS' as const),
    ...options,
  })
}

/** Produces steadily for so long. */
async function load(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await group.produce(BURST * QUEUES)
    await cluster.clock.advance(100)
  }
}

/** The longest time from `since` on in which a queue was not consumed. */
function longestPause(since: number): number {
  const gaps = group.queues.map(({ queueId }) => {
    const own = group.consumed.filter((each) => each.queueTopic === group.topic && each.queueId === queueId)
    const times = [since, ...own.map(({ at }) => at).filter((at) => at > since)].sort((a, b) => a - b)
    return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)))
  })
  return Math.max(...gaps)
}

const now = (): number => cluster.clock.monotonic()

describe('under load', () => {
  it('a join repeats nothing, and pauses the queues that move for the handover and little more', async () => {
    const members = [await join(), await join()]
    await load(3000)
    const joined = now()

    members.push(await join())
    await load(3000)

    expect(members.map((member) => group.owned(member).length)).toEqual([3, 3, 2])
    const pause = longestPause(joined)
    expect(pause).toBeGreaterThanOrEqual(HANDOVER_MS)
    expect(pause).toBeLessThanOrEqual(HANDOVER_MS + 200)
    await group.drained()
    expect(group.duplicates).toBe(0)
    for (const member of members) await Promise.all([member.leave(), cluster.clock.advance(1000)])
  })

  it('without a handover the same join repeats what the old owners still had', async () => {
    const members = [await join({ handoverMs: 0 }), await join({ handoverMs: 0 })]
    await load(3000)

    members.push(await join({ handoverMs: 0 }))
    await load(3000)

    await group.drained()
    expect(group.duplicates).toBeGreaterThan(0)
    for (const member of members) await Promise.all([member.leave(), cluster.clock.advance(1000)])
  })

  it('a leave repeats nothing: what is free at once is taken at once, what moves between those who stay is handed over', async () => {
    const members = [await join(), await join(), await join()]
    await load(3000)
    const left = now()

    const [first, ...rest] = members
    await Promise.all([first?.leave(), load(3000)])

    expect(rest.map((member) => group.owned(member).length)).toEqual([4, 4])
    expect(longestPause(left)).toBeLessThanOrEqual(HANDOVER_MS + 200)
    await group.drained()
    expect(group.duplicates).toBe(0)
    for (const member of rest) await Promise.all([member.leave(), cluster.clock.advance(1000)])
  })

  it('a killed member loses its queues at once; nothing is lost, and what was not stored comes again', async () => {
    const members = [await join(), await join()]
    await load(6000)
    const killed = now()
    const before = group.consumed.length

    const [first, second] = members
    // Nothing is stored or said, and nothing it does arrives any more.
    await first?.client.close()
    await load(3000)

    expect(second && group.owned(second)).toHaveLength(QUEUES)
    expect(longestPause(killed)).toBeLessThanOrEqual(300)
    await group.drained()
    expect(group.bodies.size).toBe(group.produced)
    // Offsets ride along with pulls: less than a second of four queues.
    expect(before).toBeGreaterThan(1000)
    expect(group.duplicates).toBeLessThan(4 * 10 * BURST)
    await Promise.all([second?.leave(), cluster.clock.advance(1000)])
  })

  it('of calls that outlast the handover nothing comes twice but what they were given', async () => {
    const slow = ({ queueOffset }: { readonly queueOffset: number }): boolean => queueOffset === 9
    const first = await join({
      listener: ([message]) =>
        message && slow(message) ? cluster.clock.sleep(8000).then(() => 'CONSUME_SUCCESS' as const) : 'CONSUME_SUCCESS',
    })
    await group.until(() => group.owned(first).length === QUEUES)
    await group.produce(10 * QUEUES)
    await cluster.clock.advance(1000)
    expect(group.consumed).toHaveLength(10 * QUEUES)

    const second = await join()
    await cluster.clock.advance(20_000)

    expect(group.owned(second)).toHaveLength(4)
    expect(group.duplicates).toBe(4)
    expect(await group.committed()).toEqual(await group.ends())
    for (const member of [first, second]) await Promise.all([member.leave(), cluster.clock.advance(1000)])
  })

  it('other queues go on while some are waited for, and leaving meanwhile is prompt', async () => {
    const first = await join()
    await load(1000)

    const second = await join({ handoverMs: 60_000 })
    await load(2000)
    expect(group.owned(first)).toEqual([0, 1, 2, 3])
    expect(group.owned(second)).toEqual([])
    const fresh = group.consumed.filter(({ at }) => at > now() - 300).map(({ queueId }) => queueId)
    expect([...new Set(fresh)].sort()).toEqual([0, 1, 2, 3])

    const asked = now()
    await second.leave()
    expect(now()).toBe(asked)
    await load(1000)
    await group.drained()
    expect(group.duplicates).toBe(0)
    await Promise.all([first.leave(), cluster.clock.advance(1000)])
  })
})

describe('after the broker was away', () => {
  /** A client that is back so much later than others. */
  const lateBy = (ms: number) =>
    cluster.client({
      connect: async (address, options) => {
        if (now() > 5000) await cluster.clock.sleep(ms)
        return cluster.connect(address, options)
      },
    })

  it('the first member to be back leaves the others their queues, so that nothing comes twice', async () => {
    const members = [await join({ client: lateBy(0) }), await join({ client: lateBy(4000) }), await join()]
    await cluster.clock.advance(1000)
    const shares = members.map((member) => group.owned(member))
    await group.produce(4000)
    await cluster.clock.advance(4200)

    cluster.refuseConnections(true)
    await cluster.clock.advance(2000)
    cluster.refuseConnections(false)
    for (let passed = 0; passed < 12_000; passed += 100) {
      await cluster.clock.advance(100)
      expect(members.map((member) => group.owned(member))).toEqual(shares)
    }

    await group.drained()
    expect(group.duplicates).toBe(0)
    for (const member of members) await Promise.all([member.leave(), cluster.clock.advance(1000)])
  })

  it('a member that does not come back loses its queues after the time of a reconnect', async () => {
    const [first, second] = [await join(), await join()]
    await cluster.clock.advance(1000)

    cluster.refuseConnections(true)
    await second.client.close()
    await cluster.clock.advance(3000)
    cluster.refuseConnections(false)
    await cluster.clock.advance(9000)
    expect(group.owned(first)).toEqual([0, 1, 2, 3])
    await group.until(() => group.owned(first).length === QUEUES, 5000)
    await first.leave()
  })

  it('a member that is killed once it is back loses its queues at once', async () => {
    const [first, second] = [await join(), await join()]
    await cluster.clock.advance(1000)
    cluster.refuseConnections(true)
    await cluster.clock.advance(500)
    cluster.refuseConnections(false)
    await cluster.clock.advance(3000)

    await second.client.close()
    await group.until(() => group.owned(first).length === QUEUES, 1000)
    await first.leave()
  })
})
