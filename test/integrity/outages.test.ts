import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConnectionError } from '../../src/core/errors.ts'
import type { Connect } from '../../src/core/remoting/index.ts'
import { ConsumerGroup } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { type FaultTransport, faultyConnect } from '../support/fault-transport.ts'

const MINUTE = 60_000
let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(() => cluster.close())

/** The name server at an address of its own, which can be away while the broker is there. */
function separateNameServer() {
  let away = false
  const open = new Set<FaultTransport>()
  const { connect, transports } = faultyConnect(cluster.connect, cluster.clock)
  const route: Connect = async (address, options) => {
    if (address !== 'ns:9876') return cluster.connect(address, options)
    if (away) throw new ConnectionError(address, `${address} refused the connection`)
    const transport = await connect(address, options)
    for (const each of transports) open.add(each)
    return transport
  }
  return {
    client: () => cluster.client({ nameServers: ['ns:9876'], connect: route }),
    setAway: (now: boolean) => {
      away = now
      if (away) for (const transport of open) transport.break()
    },
  }
}

it('consumption goes on while the name server is away, for members that join and leave later as well', async () => {
  const nameServer = separateNameServer()
  const first = await group.join({ client: nameServer.client() })
  await group.produce(40)
  await group.drained()

  nameServer.setAway(true)
  for (let minute = 0; minute < 10; minute++) {
    await group.produce(40)
    await cluster.clock.advance(MINUTE)
  }
  expect(group.bodies.size).toBe(440)
  const second = await group.join()
  await group.until(() => group.owned(first).length === 2 && group.owned(second).length === 2, 5000)
  await second.leave()
  await group.until(() => group.owned(first).length === 4, 5000)
  await group.produce(40)
  await group.drained(1000)

  nameServer.setAway(false)
  await cluster.clock.advance(MINUTE)
  await group.produce(40)
  await group.drained(1000)
  expect(group.duplicates).toBe(0)
  await first.leave()
})

it('a member that joins while the name server is away says so, and can join later', async () => {
  const nameServer = separateNameServer()
  nameServer.setAway(true)

  await expect(group.join({ client: nameServer.client() })).rejects.toThrow(ConnectionError)

  nameServer.setAway(false)
  await group.produce(10)
  const member = await group.join({ client: nameServer.client() })
  await group.drained()
  await member.leave()
})

it('a broker that is away for a while costs nothing but the time, and is found again within two seconds', async () => {
  const members = [await group.join(), await group.join()]
  await group.produce(400)
  await group.drained()
  await cluster.clock.advance(6000)

  cluster.refuseConnections(true)
  await cluster.clock.advance(5 * MINUTE)
  cluster.refuseConnections(false)
  await cluster.clock.advance(2000)
  await group.produce(400)
  await group.drained(100)

  expect(group.duplicates).toBe(0)
  expect(members.map((member) => group.owned(member))).toEqual([
    [0, 1],
    [2, 3],
  ])
  for (const member of members) await member.leave()
  expect(await group.committed()).toEqual(await group.ends())
})

it('a broker that hangs is given up and asked again, and what it says too late is not consumed twice', async () => {
  const { clock } = cluster
  const { connect, transports } = faultyConnect(cluster.connect, clock)
  const member = await group.join({ client: cluster.client({ connect }) })
  await group.produce(40)
  await group.drained()

  for (const { incoming } of transports) incoming.hold()
  await group.produce(40)
  await clock.advance(MINUTE)
  for (const { incoming } of transports) incoming.release('last come')
  await group.drained(5000)
  await clock.advance(10_000)

  expect(group.duplicates).toBe(0)
  expect(await group.committed()).toEqual(await group.ends())
  await member.leave()
})

it('connections that are cut in the middle of frames again and again lose nothing', async () => {
  const { clock } = cluster
  const { connect, transports } = faultyConnect(cluster.connect, clock)
  const member = await group.join({ client: cluster.client({ connect }) })
  for (let round = 1; round <= 20; round++) {
    for (const { incoming, outgoing } of transports) {
      incoming.pieceBytes = 1 + (round % 7)
      if (round % 2 === 0) incoming.bytesUntilCut = 37 * round
      else outgoing.bytesUntilCut = 53 * round
    }
    await group.produce(40)
    await clock.advance(3000)
  }
  await group.drained()
  await clock.advance(6000)

  expect(group.bodies.size).toBe(800)
  expect(await group.committed()).toEqual(await group.ends())
  await member.leave()
})

it('a member leaves within its time also while no broker answers', async () => {
  const { connect, transports } = faultyConnect(cluster.connect, cluster.clock)
  const member = await group.join({ client: cluster.client({ connect }), awaitTerminationMs: 1000 })
  await group.produce(40)
  await group.drained()
  for (const { incoming } of transports) incoming.hold()
  let left = false

  void member.leave().then(() => {
    left = true
  })

  await group.until(() => left, 10_000)
})
