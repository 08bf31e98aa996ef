import { afterEach, beforeEach, expect, it } from 'vitest'
import { AllocateMessageQueueAveragely } from '../../src/core/consumer/index.ts'
import { ConsumerGroup, type Member } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 8)
})

afterEach(() => cluster.close())

/** What Java gives each of these members. */
function javaShares(members: readonly Member[]): number[][] {
  const clientIds = members.map(({ client }) => client.clientId).sort()
  return members.map(({ client: { clientId } }) =>
    AllocateMessageQueueAveragely.allocate({ group: group.group, clientId, queues: group.queues, clientIds }).map(
      ({ queueId }) => queueId,
    ),
  )
}

async function settle(members: readonly Member[], withinMs: number): Promise<void> {
  const wanted = JSON.stringify(javaShares(members))
  await group.until(() => JSON.stringify(members.map((member) => group.owned(member))) === wanted, withinMs)
}

it('two and then three members share 8 queues as the Java algorithm says, soon after each came or left', async () => {
  const members = [await group.join(), await group.join()]
  await settle(members, 1000)
  expect(members.map((member) => group.owned(member))).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ])

  members.push(await group.join())
  await settle(members, 1000)
  expect(members.map((member) => group.owned(member))).toEqual([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7],
  ])

  const [first, ...rest] = members
  await first?.leave()
  await settle(rest, 1000)
  for (const member of rest) await member.leave()
})

it('more members than queues leave some idle, and each queue has one owner', async () => {
  const members: Member[] = []
  for (let i = 0; i < 10; i++) members.push(await group.join())
  await settle(members, 3000)

  const owned = members.flatMap((member) => group.owned(member))
  expect(owned.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  for (const member of members) await member.leave()
})

it('members whose connections broke are members again within seconds, and no queue has two owners or none', async () => {
  const members = [await group.join(), await group.join(), await group.join()]
  await settle(members, 1000)

  cluster.breakConnections()
  await cluster.clock.advance(5000)

  await settle(members, 20_000)
  for (const member of members) await member.leave()
})

it('a topic that gets more queues is shared anew within the polling interval', async () => {
  const members = [await group.join(), await group.join()]
  await settle(members, 1000)
  const { client } = members[0] ?? {}
  await client?.remoting.invoke(cluster.broker.address, 'updateAndCreateTopic', {
    topic: group.topic,
    defaultTopic: 'TBW102',
    readQueueNums: 10,
    writeQueueNums: 10,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
  })

  await group.until(() => members.every((member) => group.owned(member).length === 5), 60_000)

  expect(members.flatMap((member) => group.owned(member))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const member of members) await member.leave()
})

it('a paused member still gives up queues, so that none has two owners', async () => {
  const paused = await group.join()
  await settle([paused], 1000)
  paused.consumer.pause()
  await cluster.clock.advance(300_000)

  const other = await group.join()
  await settle([paused, other], 1000)
  await group.produce(80)
  await cluster.clock.advance(5000)
  expect(new Set(group.consumed.map(({ member }) => member))).toEqual(new Set([other.name]))

  paused.consumer.resume()
  await group.drained(1000)
  expect(group.duplicates).toBe(0)
  await paused.leave()
  await other.leave()
})
