import { describe, expect, it } from 'vitest'
import { decodeMessages, encodeProperties } from '../../../../src/core/protocol/index.ts'
import { RemotingClient, tcpConnect } from '../../../../src/core/remoting/index.ts'
import { systemClock } from '../../../../src/core/support/index.ts'
import { BrokerChild } from './broker-child.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const ROUNDS = 10
const PRODUCERS = 32

/** A message the broker has acknowledged. */
interface Acknowledged {
  readonly body: string
  readonly queueId: number
  readonly queueOffset: number
}

function newClient(): RemotingClient {
  return new RemotingClient({ connect: tcpConnect(), clock: systemClock })
}

function send(
  client: RemotingClient,
  address: string,
  body: string,
  properties: Record<string, string>,
  topic = 'orders',
) {
  return client.invoke(address, 'sendMessageV2', {
    producerGroup: 'p',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: -1,
    sysFlag: 0,
    bornTimestamp: 1,
    flag: 0,
    properties: encodeProperties(new Map(Object.entries(properties))),
    body: Buffer.from(body.padEnd(500, '.')),
  })
}

/** Sends until the broker dies after `acks` acknowledgements; resolves to all of them. */
async function produceUntilKilled(broker: BrokerChild, round: number, acks: number): Promise<Acknowledged[]> {
  const address = await broker.address()
  const client = newClient()
  const acknowledged: Acknowledged[] = []
  let killed: Promise<unknown> | undefined
  let next = 0
  const produce = async (): Promise<void> => {
    for (;;) {
      const body = `${round}-${next++}`
      const { queueId, queueOffset } = await send(client, address, body, { KEYS: body })
      acknowledged.push({ body, queueId, queueOffset })
      if (acknowledged.length === acks) killed = broker.end('SIGKILL')
    }
  }
  await Promise.allSettled(Array.from({ length: PRODUCERS }, produce))
  await killed
  client.close()
  return acknowledged
}

/** Every message of a topic, by queue. */
async function readAll(client: RemotingClient, address: string, topic: string): Promise<Map<number, string[]>> {
  const queues = new Map<number, string[]>()
  for (let queueId = 0; queueId < 4; queueId++) {
    const bodies: string[] = []
    for (;;) {
      const answer = await client.invoke(address, 'pullMessage', {
        consumerGroup: 'g',
        topic,
        queueId,
        queueOffset: bodies.length,
        maxMsgNums: 32,
        sysFlag: 4,
        subscription: '*',
      })
      if (answer.outcome !== 'FOUND') break
      for (const message of decodeMessages(answer.body)) {
        expect(message.bodyIntact).toBe(true)
        expect(message.queueOffset).toBe(bodies.length)
        bodies.push(message.body.toString().replace(/\.+$/, ''))
      }
    }
    queues.set(queueId, bodies)
  }
  return queues
}

describe('a broker killed with SIGKILL while producers send', () => {
  it(`has every acknowledged message in its place afterwards, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    const directory = temporaryDirectory()
    const acknowledged: Acknowledged[] = []
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged.push(...(await produceUntilKilled(new BrokerChild(directory), round, 200 + round * 137)))
    }

    const survivor = new BrokerChild(directory)
    const client = newClient()
    const address = await survivor.address()
    const queues = await readAll(client, address, 'orders')
    const last = acknowledged.at(-1)!
    const byKey = await client.invoke(address, 'queryMessage', {
      topic: 'orders',
      key: last.body,
      maxNum: 10,
      beginTimestamp: 0n,
      endTimestamp: 9_000_000_000_000n,
    })
    client.close()

    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * 200)
    const lost = acknowledged.filter(({ body, queueId, queueOffset }) => queues.get(queueId)?.[queueOffset] !== body)
    expect(lost).toEqual([])
    const all = [...queues.values()].flat()
    expect(new Set(all).size).toBe(all.length)
    expect(byKey.outcome).toBe('OK')
    expect(await survivor.end('SIGTERM')).toBe(0)
  })

  it('delivers each delayed message exactly once', { timeout: 60_000 }, async () => {
    const directory = temporaryDirectory()
    const client = newClient()
    const first = new BrokerChild(directory, { delayLevels: '1s' })
    const sent = Array.from({ length: 300 }, (_, i) => `late-${i}`)
    const address = await first.address()
    await Promise.all(sent.map((body) => send(client, address, body, { DELAY: '1' }, 'delayed')))
    // Killed in the middle of the deliveries, which come one transaction after another.
    let delivered = 0
    while (delivered === 0) delivered = [...(await readAll(client, address, 'delayed')).values()].flat().length
    await first.end('SIGKILL')

    const second = new BrokerChild(directory, { delayLevels: '1s' })
    const again = await second.address()
    let all: string[] = []
    while (all.length < sent.length) all = [...(await readAll(client, again, 'delayed')).values()].flat()
    client.close()

    expect(all.sort()).toEqual([...sent].sort())
    await second.end('SIGTERM')
  })
})

// The limit is set by a POSIX shell.
describe.skipIf(process.platform === 'win32')('a broker whose disk takes no more', () => {
  it('acknowledges nothing it has not stored, says so, and ends with what it has', { timeout: 60_000 }, async () => {
    const directory = temporaryDirectory()
    const full = new BrokerChild(directory, { maxFileKiB: 4096 })
    const address = await full.address()
    const client = newClient()
    const acknowledged: Acknowledged[] = []
    const produce = async (first: number): Promise<void> => {
      for (let i = first; ; i += 8) {
        const body = `m${i}`
        const { queueId, queueOffset } = await send(client, address, body, {})
        acknowledged.push({ body, queueId, queueOffset })
      }
    }
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6, 7].map(produce))
    const refusedWith = results.map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : '',
    )[0]
    const { fatal } = await full.line('fatal')

    expect(['RESPONSE', 'UNREACHABLE']).toContain(refusedWith)
    expect(fatal).toContain(`cannot write to the store in ${directory}`)
    expect(await full.ended()).toBe(3)

    const healthy = new BrokerChild(directory)
    const queues = await readAll(client, await healthy.address(), 'orders')
    client.close()
    const lost = acknowledged.filter(({ body, queueId, queueOffset }) => queues.get(queueId)?.[queueOffset] !== body)
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(lost).toEqual([])
    await healthy.end('SIGTERM')
  })
})

describe('a second broker on the same directory', () => {
  it('fails at once and says which process has it', { timeout: 30_000 }, async () => {
    const directory = temporaryDirectory()
    const first = new BrokerChild(directory)
    await first.address()

    const second = new BrokerChild(directory)

    expect((await second.line('refused')).refused).toContain(`is in use by process ${first.pid}`)
    expect(await second.ended()).toBe(1)
    expect(await first.end('SIGTERM')).toBe(0)
  })
})
