import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { Browser, PushConsumer } from '../../src/core/consumer/index.ts'
import { BrokerResponseError, UnsupportedError } from '../../src/core/errors.ts'
import { mqVersion, sqlSubscription } from '../../src/core/protocol/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'
import { clusterClient, clusterProducer, untilShown } from '../support/cluster/client.ts'
import { createTopic, describeCluster, remotingClient, startCluster, unique } from '../support/cluster.ts'
import { type SqlCase, sql92 } from '../support/sql92.ts'

/** Where the table is tried: every expression has a topic of one queue, with all the messages. */
interface Place {
  readonly namesrv: string
  readonly brokerAddress: string
  readonly prefix: string
}

type Consumed = { readonly topic: string; readonly body: string }

describeCluster('filtering by SQL92', (cluster) => {
  const remoting = remotingClient()
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  const isOld = (mqVersion(cluster.version) ?? 0) < (mqVersion('5.0.0') ?? 0)
  const known = sql92.expressions.filter(({ since }) => since === undefined || !isOld)
  const taken = known.filter(({ refused }) => !refused)
  const topicOf = ({ prefix }: Place, row: SqlCase) => `${prefix}-${sql92.expressions.indexOf(row)}`

  async function fill(place: Place, rows: readonly SqlCase[]): Promise<void> {
    const client = clusterClient(place)
    const producer = clusterProducer(client)
    for (const row of rows) {
      const topic = topicOf(place, row)
      await remoting.invoke(place.brokerAddress, 'updateAndCreateTopic', {
        topic,
        readQueueNums: 1,
        writeQueueNums: 1,
        perm: 6,
        topicFilterType: 'SINGLE_TAG',
        defaultTopic: 'TBW102',
        topicSysFlag: 0,
        order: false,
      })
    }
    for (const row of rows) {
      const topic = topicOf(place, row)
      await vi.waitFor(async () => expect(await client.routes.get(topic)).toBeDefined(), { timeout: 20_000 })
      const messages = sql92.messages.map((properties, index) => {
        return { topic, body: Buffer.from(String(index)), properties: new Map(Object.entries(properties)) }
      })
      await producer.sendBatch(messages)
      await untilShown(client, topic, messages.length)
    }
    await producer.close()
    await client.close()
  }

  /** Waits until a group has passed every message, consumed or not. */
  async function passed(place: Place, group: string, rows: readonly SqlCase[]): Promise<void> {
    const client = clusterClient(place)
    open.push(() => client.close())
    const left = new Set(rows)
    await vi.waitFor(
      async () => {
        for (const row of left) {
          const queue = { topic: topicOf(place, row), brokerName: 'broker-a', queueId: 0 }
          await client.routes.get(queue.topic)
          if ((await client.queueOffsets.committed(group, queue)) === sql92.messages.length) left.delete(row)
        }
        expect([...left].map(({ sql }) => sql)).toEqual([])
      },
      { timeout: 60_000, interval: 500 },
    )
  }

  function expectTable(place: Place, rows: readonly SqlCase[], consumed: readonly Consumed[]): void {
    const found = rows.map((row) => ({
      sql: row.sql,
      matches: consumed
        .filter(({ topic }) => topic === topicOf(place, row))
        .map(({ body }) => Number(body))
        .sort((a, b) => a - b),
    }))
    expect(found).toEqual(rows.map(({ sql, matches }) => ({ sql, matches })))
  }

  async function byJava(place: Place, rows: readonly SqlCase[]): Promise<void> {
    const group = unique('java')
    const topics = rows.map((row) => topicOf(place, row)).join(',')
    const sql = rows.map((row) => row.sql).join('\u0001')
    const peer = await cluster.java('push', [
      ...['--namesrv', place.namesrv, '--group', group, '--topic', topics],
      ...['--sql', sql, '--from', 'first'],
    ])
    open.push(() => peer.kill())
    await passed(place, group, rows)
    expectTable(place, rows, peer.messages)
  }

  async function byOurs(place: Place, rows: readonly SqlCase[]): Promise<void> {
    const group = unique('ours')
    const consumed: Consumed[] = []
    const client = clusterClient(place)
    const consumer = new PushConsumer(client, {
      group,
      subscriptions: rows.map((row) => ({ topic: topicOf(place, row), sql: row.sql })),
      consumeFromWhere: { from: 'first' },
      listener: (messages) => {
        for (const { topic, body } of messages) consumed.push({ topic, body: body.toString() })
        return 'CONSUME_SUCCESS'
      },
    })
    open.push(async () => {
      await consumer.close()
      await client.close()
    })
    await consumer.start()
    await passed(place, group, rows)
    expectTable(place, rows, consumed)
  }

  test('gives Java and us the messages of the table', async () => {
    const place = { namesrv: cluster.namesrv, brokerAddress: cluster.brokerAddress, prefix: unique('sql') }
    await fill(place, taken)

    await byJava(place, taken)
    await byOurs(place, taken)
  }, 240_000)

  test('gives both the same at the embedded broker, which takes no expression with something behind it', async () => {
    const store = { kind: 'memory' } as const
    const broker = await EmbeddedBroker.start({ clock: systemClock, logger: silentLogger, port: 0, store })
    onTestFinished(() => broker.close())
    const place = { namesrv: broker.address, brokerAddress: broker.address, prefix: unique('sql') }
    const rows = taken.filter(({ ignored }) => ignored === undefined)
    await fill(place, rows)

    await byJava(place, rows)
    await byOurs(place, rows)
  }, 240_000)

  test('refuses the other expressions of the table, here and at the embedded broker', async () => {
    const store = { kind: 'memory' } as const
    const broker = await EmbeddedBroker.start({ clock: systemClock, logger: silentLogger, port: 0, store })
    onTestFinished(() => broker.close())
    const answers = async (address: string) => {
      const codes: (readonly [string, number])[] = []
      for (const { sql } of known) {
        const subscriptionData = sqlSubscription('t', sql, 1)
        const body = { clientId: 'c', group: 'g', subscriptionData }
        try {
          await remoting.invoke(address, 'checkClientConfig', { body })
          codes.push([sql, 0])
        } catch (error) {
          codes.push([sql, error instanceof BrokerResponseError ? error.responseCode : -1])
        }
      }
      return codes
    }

    expect(await answers(cluster.brokerAddress)).toEqual(known.map(({ sql, refused }) => [sql, refused ? 23 : 0]))
    const refusedHere = ({ refused, ignored }: SqlCase) => refused === true || ignored !== undefined
    expect(await answers(broker.address)).toEqual(known.map((row) => [row.sql, refusedHere(row) ? 23 : 0]))
  })

  test('works without a group, too', async () => {
    const topic = unique('browsed')
    await createTopic(cluster, topic, 2)
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    for (const n of [1, 2, 3, 4]) {
      await producer.send({ topic, body: Buffer.from(String(n)), properties: new Map([['n', String(n)]]) })
    }
    await untilShown(client, topic, 4)
    const read: string[] = []
    const browser = new Browser(client, {
      topic,
      sql: 'n BETWEEN 2 AND 3',
      rangeOf: async () => ({ start: 0, end: 2 }),
      deliver: (messages) => {
        read.push(...messages.map(({ body }) => body.toString()))
      },
    })
    open.push(async () => {
      await browser.close()
      await producer.close()
      await client.close()
    })

    await browser.start()
    await browser.finished

    expect(read.sort()).toEqual(['2', '3'])
  })

  test('is refused, with what to do about it, by a broker that does not filter by properties', async () => {
    const plain = await startCluster({ version: cluster.version, settings: { enablePropertyFilter: 'false' } })
    onTestFinished(() => plain.stop())
    const topic = unique('unfiltered')
    await createTopic(plain, topic, 1)
    const client = clusterClient(plain)
    const consumer = new PushConsumer(client, {
      group: unique('g'),
      subscriptions: [{ topic, sql: 'a > 5' }],
      listener: () => 'CONSUME_SUCCESS',
    })
    open.push(async () => {
      await consumer.close()
      await client.close()
    })

    const refusal: unknown = await consumer.start().catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(UnsupportedError)
    expect(refusal).toMatchObject({
      message: `broker ${plain.brokerAddress} does not filter by SQL92`,
      suggestions: ['set enablePropertyFilter=true in the settings of the brokers, or filter by tags'],
    })
  })
})
