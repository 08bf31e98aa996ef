import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ClientInstance } from '../../src/core/client/index.ts'
import { ConsumerGroup, type MemberOptions } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { temporaryFolder } from '../support/mq.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup
let folder: ReturnType<typeof temporaryFolder>

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
  folder = temporaryFolder()
})

afterEach(async () => {
  await cluster.close()
  folder.remove()
})

const join = (host: number, options: MemberOptions = {}) =>
  group.join({
    client: cluster.client({ clientId: `10.0.0.${host}@DEFAULT` }),
    messageModel: 'BROADCASTING',
    offsetsDirectory: folder.path,
    ...options,
  })

const bodiesOf = (member: string): string[] =>
  group.consumed.filter((each) => each.member === member).map(({ body }) => body)

/** What the broker knows of the group. */
async function groupAtBroker(client: ClientInstance) {
  const request = { consumerGroup: group.group }
  const { body } = await client.remoting.invoke(cluster.broker.address, 'getConsumerConnectionList', request)
  return body
}

it('every member gets every message once, and the broker keeps no offset and no retry topic', async () => {
  const members = [await join(1), await join(2)]
  await group.produce(100)
  await group.until(() => group.consumed.length === 200)
  await cluster.clock.advance(20_000)

  for (const { name } of members) expect(new Set(bodiesOf(name)).size).toBe(100)
  expect(group.consumed).toHaveLength(200)
  const { messageModel, subscriptionTable } = await groupAtBroker(cluster.client())
  expect(messageModel).toBe('BROADCASTING')
  expect([...subscriptionTable.keys()]).toEqual(['orders'])
  for (const member of members) await member.leave()
  const client = cluster.client()
  const { body: table } = await client.remoting.invoke(cluster.broker.address, 'queryTopicConsumeByWho', {
    topic: 'orders',
  })
  expect(table.groupList).toEqual([])
})

it('goes on after a restart where it had been, also in messages it has missed', async () => {
  const first = await join(1)
  await group.produce(40)
  await group.drained()
  await first.leave()
  await group.produce(20)

  const second = await join(1)
  await group.drained()
  await cluster.clock.advance(10_000)

  expect(
    bodiesOf(second.name)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 20 }, (_, n) => 40 + n))
  await second.leave()
})

it('remembers where it began even if nothing came: what is sent while it is away is not skipped', async () => {
  const first = await join(1, { consumeFromWhere: { from: 'last' } })
  await group.until(() => group.owned(first).length === 4)
  await first.leave()
  await group.produce(8)

  const second = await join(1, { consumeFromWhere: { from: 'last' } })
  await group.until(() => group.consumed.length === 8, 30_000)
  await second.leave()
})

it('drops what fails, with a warning, and goes on', async () => {
  const warnings: string[] = []
  const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => warnings.push(text) }
  const member = await join(1, {
    client: cluster.client({ clientId: '10.0.0.1@DEFAULT', logger }),
    listener: (messages) => (messages[0]?.body.toString() === '7' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
  })
  await group.produce(20)
  await group.drained()
  await cluster.clock.advance(60_000)

  expect(group.consumed).toHaveLength(20)
  expect(warnings).toEqual([
    expect.stringMatching(/^dropping .* of orders, which failed: broadcasting knows no retry$/),
  ])
  await member.leave()
  const again = await join(1)
  await cluster.clock.advance(20_000)
  expect(group.consumed).toHaveLength(20)
  await again.leave()
})

it('is set to another offset by its broker, and has that in its file', async () => {
  const member = await join(1)
  await group.produce(40)
  await group.drained()
  await cluster.client().remoting.invoke(cluster.broker.address, 'invokeBrokerToResetOffset', {
    topic: group.topic,
    group: group.group,
    timestamp: 0,
    isForce: true,
    queueId: 1,
    offset: 4,
  })
  // The file is written in real time before the queue goes on.
  await vi.waitUntil(
    async () => {
      await cluster.clock.advance(100)
      return group.consumed.length === 46
    },
    { timeout: 20_000, interval: 1 },
  )
  await member.leave()

  const again = await join(1)
  await cluster.clock.advance(20_000)
  expect(group.consumed).toHaveLength(46)
  await again.leave()
})
