import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ConsumerGroup, type Member } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'

const QUEUES = 6

type Step =
  | { readonly kind: 'produce'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'join'; readonly slowMs: number; readonly failing: boolean }
  | { readonly kind: 'leave' | 'crash'; readonly which: number }
  | { readonly kind: 'break' }
  | { readonly kind: 'away'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 120 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 8000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('join' as const),
      slowMs: fc.constantFrom(0, 0, 7, 300),
      failing: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'crash' as const), which: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'break' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
)

/** A group that many things happen to. */
class Chaos {
  readonly cluster: EmbeddedCluster
  readonly group: ConsumerGroup
  readonly members: Member[] = []

  constructor(cluster: EmbeddedCluster, group: ConsumerGroup) {
    this.cluster = cluster
    this.group = group
  }

  async apply(action: Step): Promise<void> {
    const { cluster, group, members } = this
    switch (action.kind) {
      case 'produce':
        return group.produce(action.count)
      case 'wait':
        return cluster.clock.advance(action.ms)
      case 'join':
        members.push(await this.#join(action))
        return
      case 'leave': {
        const [member] = members.splice(action.which % Math.max(1, members.length), 1)
        if (member) await Promise.all([member.leave(), cluster.clock.advance(2000)])
        return
      }
      case 'crash': {
        const [member] = members.splice(action.which % Math.max(1, members.length), 1)
        // Nothing is stored or said: the client's connections are gone, and nothing it does arrives any more.
        await member?.client.close()
        return
      }
      case 'break':
        cluster.breakConnections()
        return
      case 'away':
        cluster.refuseConnections(true)
        await cluster.clock.advance(action.ms)
        cluster.refuseConnections(false)
        // The producer is no part of this: it has to be connected again.
        return cluster.clock.advance(2000)
    }
  }

  /** The lowest offset of each queue that was never consumed: no committed offset may be above it. */
  firstUnconsumed(): number[] {
    return this.group.queues.map(({ queueId }) => {
      const offsets = new Set(
        this.group.consumed
          .filter((each) => each.queueTopic === this.group.topic && each.queueId === queueId)
          .map(({ offset }) => offset),
      )
      let first = 0
      while (offsets.has(first)) first += 1
      return first
    })
  }

  #join({ slowMs, failing }: { readonly slowMs: number; readonly failing: boolean }): Promise<Member> {
    const { clock } = this.cluster
    return this.group.join({
      concurrency: 5,
      listener: ([message]) => {
        const fails = failing && message?.reconsumeTimes === 0 && message.queueOffset % 9 === 4
        const status = fails ? ('RECONSUME_LATER' as const) : ('CONSUME_SUCCESS' as const)
        return slowMs === 0 ? status : clock.sleep(slowMs).then(() => status)
      },
    })
  }
}

it('whatever happens to members and connections, no message is lost and no offset is stored beyond one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const cluster = await EmbeddedCluster.start()
      const group = await ConsumerGroup.create(cluster, QUEUES)
      const chaos = new Chaos(cluster, group)
      for (const action of steps) {
        await chaos.apply(action)
        const committed = await group.committed()
        for (const [queueId, first] of chaos.firstUnconsumed().entries()) {
          expect(committed[queueId] ?? 0).toBeLessThanOrEqual(first)
        }
      }

      chaos.members.push(await group.join())
      await group.drained(60_000)
      await cluster.clock.advance(45_000)
      await Promise.all([...chaos.members.map((member) => member.leave()), cluster.clock.advance(2000)])

      expect(group.bodies.size).toBe(group.produced)
      expect(await group.committed()).toEqual(await group.ends())
      await cluster.close()
    }),
    { numRuns: 25 },
  )
}, 60_000)
