import { describe, expect, it } from 'vitest'
import { consumerOptions } from '../../../src/core/consumer/consumer-options.ts'
import { ConsumerStats } from '../../../src/core/consumer/consumer-stats.ts'
import {
  AllocateMessageQueueAveragely,
  type ConsumeFromWhere,
  type HeldQueue,
} from '../../../src/core/consumer/index.ts'
import { QueueLease } from '../../../src/core/consumer/lock/queue-lease.ts'
import { ProcessQueue } from '../../../src/core/consumer/process-queue.ts'
import { consumeFromWhereName, runningInfo } from '../../../src/core/consumer/running-info.ts'
import { SubscriptionTable } from '../../../src/core/consumer/subscription-table.ts'
import { consumerRunningInfoShape } from '../../../src/core/protocol/bodies/running-info.ts'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import { json } from '../../../src/core/protocol/index.ts'
import { decodeFrame } from '../../support/commands.ts'
import { goldenFrames } from '../../support/fixtures.ts'
import { message } from '../../support/messages.ts'
import { EPOCH_MS, VirtualClock } from '../../support/virtual-clock.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }

function ours(lease?: QueueLease) {
  const processQueue = new ProcessQueue(queue, EPOCH_MS, { lease })
  processQueue.put([40, 41, 50].map((queueOffset) => message({ queueOffset, body: 'x'.repeat(600_000) })))
  if (lease !== undefined) processQueue.take(1)
  const held = { messageQueue: queue, processQueue, start: { offset: 40, committed: true } } as HeldQueue
  const info = runningInfo({
    group: 'g',
    clientId: '10.0.0.7@4711#1',
    nameServers: ['10.0.0.1:9876', '10.0.0.2:9876'],
    startedAt: EPOCH_MS - 5000,
    now: EPOCH_MS,
    options: consumerOptions(
      { concurrency: 7 },
      { strategy: AllocateMessageQueueAveragely, consumeFromWhere: { from: 'first' } },
    ),
    subscriptions: new SubscriptionTable({ group: 'g', subscriptions: [{ topic: 'orders' }], now: 1 }).all,
    orderly: lease !== undefined,
    popQueues: [],
    queues: [held],
    offsets: { inMemory: () => undefined },
    stats: new ConsumerStats(EPOCH_MS),
    stack: undefined,
  })
  return { info, bytes: json(consumerRunningInfoShape).write(info) }
}

/** What a Java push consumer of 5.5.0 answered. */
function java(): { readonly text: string; readonly keys: readonly string[] } {
  const frame = goldenFrames('5.5.0').find(({ id }) => id === 'java-running-info-push-concurrent')
  if (frame?.a === undefined) throw new Error('the golden frames lack it')
  const text = decodeFrame(frame.a).body.toString()
  return { text, keys: keysOf(readFastjson(text)) }
}

/** The keys of an object by path, of the first entry where the keys are data. */
function keysOf(value: unknown, path = ''): string[] {
  if (!(value instanceof Map)) return []
  if (/^\.(properties|userConsumerInfo)/.test(path)) return []
  const entries = [...value.entries()]
  const isTable = /Table$/.test(path)
  return (isTable ? entries.slice(0, 1) : entries).flatMap(([key, inner]) => {
    const at = isTable ? `${path}[]` : `${path}.${String(key)}`
    return isTable ? keysOf(inner, at) : [at, ...keysOf(inner, at)]
  })
}

describe('runningInfo', () => {
  it('has the keys of a Java answer, and is read back as it was written', () => {
    const { info, bytes } = ours()

    expect(keysOf(readFastjson(bytes.toString())).sort()).toEqual([...java().keys].sort())
    expect(json(consumerRunningInfoShape).read(bytes)).toEqual(info)
  })

  it('has the properties mqadmin asks for, as a Java consumer has them', () => {
    const theirs = json(consumerRunningInfoShape).read(Buffer.from(java().text)).properties
    const { properties } = ours().info

    for (const name of ['PROP_CONSUME_TYPE', 'PROP_CONSUMEORDERLY', 'messageModel', 'maxReconsumeTimes']) {
      expect([name, properties.get(name)]).toEqual([name, theirs.get(name)])
    }
    expect(properties.get('PROP_NAMESERVER_ADDR')).toBe('10.0.0.1:9876;10.0.0.2:9876;')
    expect(properties.get('PROP_CONSUMER_START_TIMESTAMP')).toBe(String(EPOCH_MS - 5000))
    expect(properties.get('PROP_THREADPOOL_CORE_SIZE')).toBe('7')
    expect(properties.get('consumeFromWhere')).toBe('CONSUME_FROM_FIRST_OFFSET')
    expect(properties.get('clientIP')).toBe('10.0.0.7')
    expect(properties.get('instanceName')).toBe('4711#1')
    for (const name of properties.keys()) expect(theirs.has(name)).toBe(true)
  })

  it('shows what each queue holds', () => {
    expect(ours().info.mqTable).toEqual([
      [
        queue,
        {
          cachedMsgCount: 3,
          cachedMsgMaxOffset: 50,
          cachedMsgMinOffset: 40,
          cachedMsgSizeInMiB: 1,
          commitOffset: 40,
          droped: false,
          lastConsumeTimestamp: EPOCH_MS,
          lastLockTimestamp: 0,
          lastPullTimestamp: EPOCH_MS,
          locked: true,
          transactionMsgCount: 0,
          transactionMsgMaxOffset: 0,
          transactionMsgMinOffset: 0,
          tryUnlockTimes: 0,
        },
      ],
    ])
  })

  it('shows in order what is taken apart from what is not, and whether the queue is locked', () => {
    const clock = new VirtualClock()
    const lease = new QueueLease(queue, { clock, life: { memberMs: 30_000, brokerMs: 60_000 }, sentAt: 0 })
    const shown = {
      cachedMsgCount: 2,
      cachedMsgMinOffset: 41,
      cachedMsgMaxOffset: 50,
      transactionMsgCount: 1,
      transactionMsgMinOffset: 40,
      transactionMsgMaxOffset: 40,
      lastLockTimestamp: EPOCH_MS,
    }

    const { info } = ours(lease)

    expect(info.properties.get('PROP_CONSUMEORDERLY')).toBe('true')
    expect(info.mqTable).toMatchObject([[queue, { ...shown, locked: true }]])
    lease.lose()
    expect(ours(lease).info.mqTable).toMatchObject([[queue, { ...shown, locked: false }]])
  })

  it('shows numbers for every topic subscribed, the retry topic included', () => {
    expect([...ours().info.statusTable.keys()]).toEqual(['orders', '%RETRY%g'])
  })
})

describe('consumeFromWhereName', () => {
  it.each([
    [{ from: 'first' }, 'CONSUME_FROM_FIRST_OFFSET'],
    [{ from: 'last' }, 'CONSUME_FROM_LAST_OFFSET'],
    [{ from: 'timestamp', timestamp: 1 }, 'CONSUME_FROM_TIMESTAMP'],
    [{ from: 'offset', offsetOf: () => Promise.resolve(1) }, 'CONSUME_FROM_LAST_OFFSET'],
  ] satisfies [ConsumeFromWhere, string][])('calls %j what Java calls it', (where, name) => {
    expect(consumeFromWhereName(where)).toBe(name)
  })
})
