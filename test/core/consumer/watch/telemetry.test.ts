import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  onTelemetry,
  RollingLatency,
  type TelemetryEvent,
  telemetryChannels,
  telemetryEventTypes,
} from '../../../../src/core/telemetry/index.ts'
import { ConsumerGroup } from '../../../support/consumer-group.ts'
import { EmbeddedCluster } from '../../../support/embedded-cluster.ts'
import { Gate } from '../../../support/gate.ts'
import { EPOCH_MS } from '../../../support/virtual-clock.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 2)
})

afterEach(async () => {
  await cluster.close()
})

function listen(): TelemetryEvent[] {
  const events: TelemetryEvent[] = []
  onTestFinished(onTelemetry(telemetryEventTypes, (event) => events.push(event)))
  return events
}

function of<T extends TelemetryEvent['type']>(events: readonly TelemetryEvent[], type: T) {
  return events.filter((event): event is Extract<TelemetryEvent, { type: T }> => event.type === type)
}

describe('events', () => {
  test('tell of queues taken, pulls, calls and stored offsets', async () => {
    const events = listen()
    await group.produce(10)
    const member = await group.join()
    await group.drained()
    await group.until(() => of(events, 'offset-persist').length > 0)

    const [first] = of(events, 'rebalance')
    expect(first).toMatchObject({
      group: 'g',
      clientId: member.client.clientId,
      topic: 'orders',
      gained: ['broker-a:0', 'broker-a:1'],
      lost: [],
      members: 1,
    })
    expect(first?.at).toBeGreaterThanOrEqual(EPOCH_MS)
    expect(of(events, 'pull')).toContainEqual(
      expect.objectContaining({ topic: 'orders', queue: 'broker-a:0', offset: 0, outcome: 'FOUND', messages: 5 }),
    )
    const ok = of(events, 'consume').reduce((sum, event) => sum + event.ok, 0)
    expect(ok).toBe(10)
    expect(of(events, 'offset-persist')[0]).toMatchObject({ failed: 0 })
  })

  test('tell of queues given up when another member comes', async () => {
    const events = listen()
    const first = await group.join()
    await group.until(() => group.owned(first).length === 2)
    const second = await group.join()
    await group.until(() => group.owned(second).length === 1)

    const lost = of(events, 'rebalance').filter((event) => event.lost.length > 0)
    expect(lost).toMatchObject([{ clientId: first.client.clientId, lost: ['broker-a:1'], gained: [], members: 2 }])
  })

  test('tell when flow control begins to hold a queue back, and when it ends', async () => {
    const events = listen()
    const gate = new Gate()
    await group.produce(200)
    await group.join({ listener: gate.listener, pullThresholdForQueue: 10, concurrency: 1 })
    await group.until(() => of(events, 'flow-control').length === 2)
    expect(of(events, 'flow-control')[0]).toMatchObject({ topic: 'orders', limit: 'count', held: true })

    gate.open()
    await group.until(() => of(events, 'flow-control').some(({ held }) => !held))
  })

  test('tell of what a listener has thrown, and of what was sent back', async () => {
    const events = listen()
    await group.produce(1)
    await group.join({
      listener: () => {
        throw new Error('no ink')
      },
    })
    await group.until(() => of(events, 'send-back').length > 0)

    expect(of(events, 'error')[0]).toMatchObject({ subject: 'orders broker-a:0', code: 'UNKNOWN', message: 'no ink' })
    expect(of(events, 'send-back')[0]).toMatchObject({
      topic: 'orders',
      queue: 'broker-a:0',
      offset: 0,
      reconsumeTimes: 0,
    })
    expect(of(events, 'consume')).toContainEqual(expect.objectContaining({ ok: 0, failed: 1 }))
  })

  test('tell of locks, in order, got and given back', async () => {
    const events = listen()
    const member = await group.join({ orderlyListener: () => 'SUCCESS' })
    await group.until(() => of(events, 'lock').filter(({ topic }) => topic === 'orders').length === 2)
    await member.leave()

    const ofOrders = of(events, 'lock').filter(({ topic }) => topic === 'orders')
    expect(ofOrders.map(({ held }) => held)).toEqual([true, true, false, false])
  })

  test('tell of an offset that was reset', async () => {
    const events = listen()
    await group.produce(10)
    const member = await group.join()
    await group.drained()
    await group.until(async () => (await group.committed()).every((offset) => offset === 5))
    await member.client.remoting.invoke(cluster.broker.address, 'invokeBrokerToResetOffset', {
      topic: 'orders',
      group: 'g',
      timestamp: 0,
      isForce: true,
    })
    await group.until(() => of(events, 'reset').length === 2)

    expect(of(events, 'reset')).toMatchObject([
      { topic: 'orders', offset: 0 },
      { topic: 'orders', offset: 0 },
    ])
  })

  test('are not made for nobody: a channel without a listener is never published on', async () => {
    expect(telemetryEventTypes.map((type) => telemetryChannels[type].hasSubscribers)).not.toContain(true)
    const published: string[] = []
    for (const type of telemetryEventTypes) {
      const channel = telemetryChannels[type]
      const publish = channel.publish.bind(channel)
      channel.publish = () => published.push(type)
      onTestFinished(() => {
        channel.publish = publish
      })
    }
    await group.produce(50)
    const member = await group.join({ listener: () => 'RECONSUME_LATER', pullThresholdForQueue: 1 })
    await group.drained()
    await member.leave()

    expect(published).toEqual([])
  })
})

describe('PushConsumer.snapshot', () => {
  test('shows the member and its queues, what is cached, running and waiting', async () => {
    const gate = new Gate()
    await group.produce(40)
    const { consumer, client } = await group.join({
      listener: gate.listener,
      concurrency: 3,
      pullThresholdForQueue: 100,
    })
    await group.until(() => consumer.snapshot().totals.cached === 40)
    await cluster.clock.advance(2000)

    const { queues, totals, clients, ...rest } = consumer.snapshot()
    expect(rest).toEqual({ group: 'g', online: true, messageModel: 'CLUSTERING' })
    expect(clients).toMatchObject([
      {
        clientId: client.clientId,
        address: '10.0.0.1',
        language: 'OTHER',
        orderly: false,
        strategy: 'AVG',
        concurrency: 3,
        limits: { count: 100, bytes: 100 * 1024 * 1024, span: 2000 },
        queues: queues.length,
        cached: 40,
        error: null,
      },
    ])
    expect(totals).toMatchObject({ lag: 40, cached: 40, inflight: 3, dlq: null })
    const orders = queues.filter(({ topic }) => topic === 'orders')
    expect(orders).toMatchObject(
      [0, 1].map((queue) => ({
        broker: 'broker-a',
        queue,
        owners: [client.clientId],
        min: 0,
        max: 20,
        committed: 0,
        lag: 20,
        cached: 20,
        span: 19,
        headOffset: 0,
        locked: null,
        paused: false,
        pressure: { limit: 'count', used: 0.2 },
        state: 'BUSY',
      })),
    )
    for (const { headSince, oldestUnread } of orders) {
      expect(cluster.clock.now() - (headSince ?? 0)).toBeGreaterThanOrEqual(2000)
      expect(oldestUnread).toBeGreaterThanOrEqual(EPOCH_MS)
    }
  })

  test('agrees with the running info that brokers are told', async () => {
    const gate = new Gate()
    await group.produce(30)
    const { consumer, client } = await group.join({ listener: gate.listener, concurrency: 4 })
    await group.until(() => consumer.snapshot().totals.cached === 30)
    const answer = await client.remoting.invoke(cluster.broker.address, 'getConsumerRunningInfo', {
      consumerGroup: 'g',
      clientId: client.clientId,
      jstackEnable: false,
    })

    const ofSnapshot = consumer
      .snapshot()
      .queues.map((queue) => [queue.topic, queue.queue, queue.cached, queue.committed, queue.lastPull])
    expect(
      answer.body.mqTable
        .map(([queue, info]) => [
          queue.topic,
          queue.queueId,
          info.cachedMsgCount,
          info.commitOffset,
          info.lastPullTimestamp,
        ])
        .sort(),
    ).toEqual(ofSnapshot.sort())
  })

  test('shows a head that does not move as BLOCK after a minute, and OK when it does', async () => {
    const gate = new Gate()
    await group.produce(2)
    const { consumer } = await group.join({ listener: gate.listener })
    const states = (): string[] =>
      consumer
        .snapshot()
        .queues.filter(({ topic }) => topic === 'orders')
        .map(({ state }) => state)
    await group.until(() => consumer.snapshot().totals.inflight === 2)
    expect(states()).toEqual(['OK', 'OK'])
    await cluster.clock.advance(61_000)
    expect(states()).toEqual(['BLOCK', 'BLOCK'])

    gate.open()
    await group.until(() => consumer.snapshot().totals.cached === 0)
    expect(states()).toEqual(['OK', 'OK'])
  })

  test('shows what is held back as FLOW, and what is paused as PAUSED', async () => {
    const gate = new Gate()
    await group.produce(100)
    const { consumer } = await group.join({ listener: gate.listener, pullThresholdForQueue: 10 })
    const states = (): string[] =>
      consumer
        .snapshot()
        .queues.filter(({ topic }) => topic === 'orders')
        .map(({ state }) => state)
    await group.until(() => states().join() === 'FLOW,FLOW')
    consumer.pause()
    expect(states()).toEqual(['PAUSED', 'PAUSED'])
  })

  test('shows in order whether the lock is held', async () => {
    const { consumer } = await group.join({ orderlyListener: () => 'SUCCESS' })
    await group.until(() => consumer.snapshot().queues.length >= 2)

    expect(consumer.snapshot().queues.map(({ locked }) => locked)).not.toContain(false)
    expect(consumer.snapshot().clients).toMatchObject([{ orderly: true, limits: { span: null } }])
  })

  test('measures calls from the first look on, and rates of the last ten seconds', async () => {
    const { consumer } = await group.join({
      listener: () => cluster.clock.sleep(50).then(() => 'CONSUME_SUCCESS' as const),
    })
    await group.until(() => consumer.balanced)
    await group.produce(20)
    expect(consumer.snapshot().queues.map(({ latency }) => latency)).toEqual(consumer.snapshot().queues.map(() => null))
    await group.drained()
    await cluster.clock.advance(2000)

    const { queues, totals, clients } = consumer.snapshot()
    const [first] = queues.filter(({ topic }) => topic === 'orders')
    expect(first?.latency?.p50).toBeGreaterThan(40)
    expect(first?.latency?.max).toBeLessThan(200)
    expect(totals.rates?.ok).toBeGreaterThan(0)
    expect(clients[0]?.consumeMillis).toBeGreaterThan(40)
    await cluster.clock.advance(15_000)
    expect(consumer.snapshot().totals.rates).toEqual({ in: 0, ok: 0, failed: 0 })
  })

  test('measures nothing any more when nobody has looked for a minute', async () => {
    const { consumer } = await group.join()
    await group.until(() => consumer.balanced)
    consumer.snapshot()
    await cluster.clock.advance(65_000)
    const record = vi.spyOn(RollingLatency.prototype, 'record')
    onTestFinished(() => {
      record.mockRestore()
    })
    await group.produce(10)
    await group.drained()

    expect(record).not.toHaveBeenCalled()
  })
})
