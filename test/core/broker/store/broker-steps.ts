import fc from 'fast-check'
import { encodeBatch } from '../../../../src/core/protocol/index.ts'
import type { VirtualClock } from '../../../support/virtual-clock.ts'
import type { TestClient } from '../test-broker.ts'

const topic = fc.constantFrom('orders', 'bills')
const group = fc.constantFrom('g', 'h')
const queueId = fc.constantFrom(0, 1)
const offset = fc.integer({ min: -1, max: 12 })
const kind = <const K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

/** One thing that is asked of a broker, or a while that passes. */
export const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('send'),
      topic,
      queueId,
      tag: fc.constantFrom('A', 'B'),
      delay: fc.constantFrom('0', '1', '2'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('send batch'), topic, count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('pull'), topic, group, queueId, offset, tags: fc.constantFrom('*', 'A', 'C') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('send back'), topic, group, offset }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('reset'), topic, group, agoMs: fc.integer({ min: -1, max: 5000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), seconds: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete topic'), topic }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('make topic'), topic, queues: fc.integer({ min: 2, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restart') }) },
)

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Takes a step; `serial` keeps the bodies and ids of messages apart. Resolves to what the broker answered. */
export async function take(now: Step, client: TestClient, clock: VirtualClock, serial: number): Promise<unknown> {
  switch (now.kind) {
    case 'send':
      return client.send(now.topic, `m${serial}`, {
        queueId: now.queueId,
        properties: { TAGS: now.tag, KEYS: now.tag, UNIQ_KEY: `U${serial}`, DELAY: now.delay },
      })
    case 'send batch':
      return client.invoke('sendBatchMessage', batchOf(now.topic, now.count, serial))
    case 'pull':
      return client.pull(now.topic, { ...now, sysFlag: 5, commitOffset: now.offset })
    case 'send back':
      return sendBack(now, client)
    case 'reset': {
      const timestamp = now.agoMs < 0 ? -1 : clock.now() - now.agoMs
      return client.invoke('invokeBrokerToResetOffset', {
        topic: now.topic,
        group: now.group,
        timestamp,
        isForce: true,
      })
    }
    case 'wait':
      // The disk takes real time: after each second in which something may be due it is waited for.
      for (let second = 0; second < now.seconds; second++) {
        await clock.advance(1000)
        await settle(client)
      }
      return undefined
    case 'delete topic':
      return client.invoke('deleteTopicInBroker', { topic: now.topic })
    case 'make topic':
      return client.invoke('updateAndCreateTopic', {
        topic: now.topic,
        readQueueNums: now.queues,
        writeQueueNums: now.queues,
        perm: 6,
      })
    case 'restart':
      throw new Error('a client cannot restart its broker')
  }
}

/** A write that is waited for: what timers began is on disk by then. */
export async function settle(client: TestClient): Promise<void> {
  await client.invoke('putKvConfig', { namespace: 'n', key: 'k', value: 'v' })
}

async function sendBack(now: { topic: string; group: string; offset: number }, client: TestClient): Promise<unknown> {
  const [message] = await client.messages(now.topic, now)
  if (message === undefined) return undefined
  const { commitLogOffset } = message
  return client.invoke('consumerSendMsgBack', { offset: commitLogOffset, group: now.group, delayLevel: 0 })
}

function batchOf(name: string, count: number, serial: number) {
  const members = Array.from({ length: count }, (_, i) => ({
    flag: i,
    body: Buffer.from(`b${serial}-${i}`),
    properties: `UNIQ_KEY\u0001U${serial}-${i}\u0002`,
  }))
  return {
    producerGroup: 'p',
    topic: name,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 2,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: 1,
    flag: 0,
    batch: true,
    body: encodeBatch(members),
  }
}
