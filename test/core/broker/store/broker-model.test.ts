import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddedBroker } from '../../../../src/core/broker/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { TestClient } from '../test-broker.ts'
import { settle, step, take } from './broker-steps.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What can be read of a broker and is kept across restarts, each answer or what it was refused with. */
async function everything(client: TestClient): Promise<unknown[]> {
  await settle(client)
  const answers: unknown[] = [
    await client.invoke('getAllTopicConfig', {}),
    await client.invoke('getAllSubscriptionGroupConfig', {}),
    await client.invoke('getAllTopicListFromNameServer', {}),
    await client.invoke('getKvListByNamespace', { namespace: 'n' }),
  ]
  for (const topic of ['orders', 'bills', '%RETRY%g', '%RETRY%h', '%DLQ%g']) {
    const bounds = (await settled(client.invoke('getTopicStatsInfo', { topic }))) as { body?: { offsetTable: unknown } }
    answers.push(bounds.body?.offsetTable ?? bounds)
    for (const consumerGroup of ['g', 'h']) {
      const { body } = await client.invoke('getConsumeStats', { consumerGroup, topic })
      answers.push(body.offsetTable.map(([queue, progress]) => [queue, { ...progress, pullOffset: 0 }]))
    }
    const query = { topic, key: 'A', maxNum: 64, beginTimestamp: 0n, endTimestamp: 10n ** 15n }
    answers.push(await settled(client.invoke('queryMessage', query)))
    for (const queueId of [0, 1]) {
      answers.push(await settled(client.pull(topic, { group: 'reader', queueId })))
      answers.push(await settled(client.invoke('getEarliestMsgStoreTime', { topic, queueId })))
    }
  }
  return answers
}

async function settled(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    const { responseCode, remark } = error as { responseCode?: number; remark?: string }
    if (responseCode === undefined) throw error
    return { responseCode, remark }
  }
}

/** Compared one by one, so that a difference is easy to find. */
async function expectSame(actual: TestClient, expected: TestClient): Promise<void> {
  const [answers, wanted] = [await everything(actual), await everything(expected)]
  for (const [index, answer] of answers.entries()) expect(sorted(answer)).toEqual(sorted(wanted[index]))
}

/** With maps in the order of their keys. */
function sorted(value: unknown): unknown {
  if (value instanceof Map) return [...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)).map(sorted)
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sorted(member)]))
}

async function open(clock: VirtualClock, dataDir?: string) {
  const broker = await EmbeddedBroker.start({
    clock,
    logger: silentLogger,
    delayLevels: '1s 2s 3s 4s 5s',
    store: dataDir === undefined ? { kind: 'memory' } : { kind: 'lmdb', dataDir },
  })
  return { broker, client: new TestClient(broker, clock, '10.0.0.9:40000') }
}

describe('a broker on disk', () => {
  it('answers like one in memory, whatever is asked and however often it is restarted', {
    timeout: 120_000,
  }, async () => {
    const root = temporaryDirectory()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const directory = `${root}/${run++}`
        const [memoryClock, diskClock] = [new VirtualClock(), new VirtualClock()]
        const memory = await open(memoryClock)
        let disk = await open(diskClock, directory)
        try {
          for (const [serial, now] of [...steps, { kind: 'restart' as const }].entries()) {
            if (now.kind === 'restart') {
              await expectSame(disk.client, memory.client)
              await disk.broker.close()
              disk = await open(diskClock, directory)
              await expectSame(disk.client, memory.client)
              continue
            }
            const expected = await settled(take(now, memory.client, memoryClock, serial))
            expect(await settled(take(now, disk.client, diskClock, serial))).toEqual(expected)
          }
        } finally {
          await Promise.all([memory.broker.close(), disk.broker.close()])
        }
      }),
      { numRuns: 25 },
    )
  })
})
