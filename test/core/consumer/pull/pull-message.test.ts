import { describe, expect, it } from 'vitest'
import type { MessageSieve } from '../../../../src/core/consumer/hook/filter-hooks.ts'
import { type Pull, PullMessage } from '../../../../src/core/consumer/pull/pull-message.ts'
import { ConnectionError, ProtocolError, UnsupportedError } from '../../../../src/core/errors.ts'
import { PullSysFlag, sqlSubscription, tagSubscription } from '../../../../src/core/protocol/index.ts'
import type { Receiver, RemotingClient } from '../../../../src/core/remoting/index.ts'
import { message } from '../../../support/messages.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 2 }
const subscription = tagSubscription('orders', 'a', 77)

interface SetUp {
  readonly lite?: boolean
  readonly version?: number | undefined
  readonly sieve?: MessageSieve
}

function setUp(answer: Record<string, unknown> = {}, options: SetUp = {}) {
  const operations: string[] = []
  const asked: { address: string; header: Record<string, unknown>; timeoutMs: number | undefined }[] = []
  const replicas: number[] = []
  const remoting = {
    ask: (
      { address, name, options }: { address: string; name: string; options: { timeoutMs?: number } },
      header: unknown,
      receiver: Receiver<unknown>,
    ) => {
      operations.push(name)
      asked.push({ address, header: header as Record<string, unknown>, timeoutMs: options.timeoutMs })
      const usual = { outcome: 'NO_NEW', nextBeginOffset: 5, minOffset: 0, maxOffset: 5, suggestWhichBrokerId: 0 }
      receiver.answered({ ...usual, body: Buffer.alloc(0), ...answer })
    },
    versionOf: () => versions.at(-1),
  } as unknown as RemotingClient
  const versions: (number | undefined)[] = [options.version]
  const pulls = new PullMessage({
    group: 'g',
    lite: options.lite ?? false,
    remoting,
    sieve: options.sieve,
    replicaOf: async (_, brokerId) => {
      replicas.push(brokerId)
      return { address: `127.0.0.1:1000${brokerId}`, brokerId }
    },
  })
  const pull = (parts: Partial<Pull> = {}) =>
    pulls.pull({ queue, offset: 5, maxMessages: 32, subscription, suspendMs: 15_000, ...parts })
  return { operations, asked, replicas, pulls, pull, versions }
}

describe('PullMessage', () => {
  it('asks as Java does', async () => {
    const { asked, pull } = setUp()

    await pull({ commitOffset: 4 })

    expect(asked).toEqual([
      {
        address: '127.0.0.1:10000',
        timeoutMs: 30_000,
        header: {
          consumerGroup: 'g',
          topic: 'orders',
          queueId: 2,
          queueOffset: 5,
          maxMsgNums: 32,
          sysFlag: PullSysFlag.SUSPEND | PullSysFlag.COMMIT_OFFSET,
          commitOffset: 4,
          suspendTimeoutMillis: 15_000,
          subVersion: 77,
          expressionType: 'TAG',
          bname: 'broker-a',
        },
      },
    ])
  })

  it('neither lets the broker hold it nor commits unless told to, and sends the subscription along when told to', async () => {
    const { asked, pull } = setUp()

    await pull({ suspendMs: 0, inline: true })

    expect(asked[0]?.header).toMatchObject({ sysFlag: PullSysFlag.SUBSCRIPTION, subscription: 'a', commitOffset: 0 })
    expect(asked[0]?.timeoutMs).toBe(15_000)
  })

  it('asks the replica suggested last, and never commits on a slave', async () => {
    const { asked, replicas, pull, pulls } = setUp({ suggestWhichBrokerId: 1 })

    await pull({ commitOffset: 4 })
    await pull({ commitOffset: 4 })

    expect(replicas).toEqual([0, 1])
    expect(asked[1]?.address).toBe('127.0.0.1:10001')
    expect(asked[1]?.header).toMatchObject({ sysFlag: PullSysFlag.SUSPEND, commitOffset: 0 })
    pulls.forget(queue)
    await pull()
    expect(replicas[2]).toBe(0)
  })

  it('decodes what was found and leaves out what the tag filter refuses, but still goes on after it', async () => {
    const records = [
      message({ queueOffset: 5, properties: { TAGS: 'a' } }),
      message({ queueOffset: 6, properties: { TAGS: 'b' } }),
    ]
    const body = Buffer.concat(records.map(({ record }) => record))
    const { pull } = setUp({ outcome: 'FOUND', nextBeginOffset: 7, maxOffset: 9, body })

    const result = await pull()

    expect(result).toMatchObject({ status: 'FOUND', nextBeginOffset: 7, minOffset: 0, maxOffset: 9 })
    expect(result.messages.map(({ queueOffset, brokerName }) => [queueOffset, brokerName])).toEqual([[5, 'broker-a']])
  })

  it('moves the offsets of a static topic by the delta of its queue', async () => {
    const { pull } = setUp({
      outcome: 'FOUND',
      offsetDelta: 1000,
      body: message({ queueOffset: 5, properties: { TAGS: 'a' } }).record,
    })

    expect((await pull()).messages.map(({ queueOffset }) => queueOffset)).toEqual([1005])
  })

  it('refuses a damaged answer instead of passing over the rest of it', async () => {
    const { record } = message({ queueOffset: 5 })
    const { pull } = setUp({ outcome: 'FOUND', body: record.subarray(0, record.length - 1) })

    await expect(pull()).rejects.toThrow(ProtocolError)
  })

  it('does not ask a broker that is too old to filter by SQL92', async () => {
    const { asked, pull, versions } = setUp()
    const sql = sqlSubscription('orders', 'a > 5', 1)
    versions.push(231)

    await expect(pull({ subscription: sql })).rejects.toThrow(UnsupportedError)
    await expect(pull({ subscription: sql })).rejects.toThrow(
      '127.0.0.1:10000 is of version 4.0.9, which filters by tags',
    )
    expect(asked).toHaveLength(0)
    versions.push(232)
    await pull({ subscription: sql })
    expect(asked[0]?.header).toMatchObject({ expressionType: 'SQL92' })
  })

  it('lets hooks take messages out after the tag filter', async () => {
    const records = [1, 2, 3].map((queueOffset) => {
      return message({ queueOffset, properties: { TAGS: queueOffset === 1 ? 'b' : 'a' } }).record
    })
    const seen: number[][] = []
    const sieve: MessageSieve = (messages) => {
      seen.push(messages.map(({ queueOffset }) => queueOffset))
      return messages.filter(({ queueOffset }) => queueOffset !== 2)
    }
    const { pull } = setUp({ outcome: 'FOUND', body: Buffer.concat(records) }, { sieve })

    expect((await pull()).messages.map(({ queueOffset }) => queueOffset)).toEqual([3])
    expect(seen).toEqual([[2, 3]])
  })

  it.each([
    ['of a broker that knows lite pulls by that name', 453, 'litePullMessage'],
    ['of a 4.9 broker as everybody does', 399, 'pullMessage'],
    ['of a broker that has not said its version yet as everybody does', undefined, 'pullMessage'],
  ])('asks for a consumer that polls %s', async (_name, version, operation) => {
    const { operations, pull } = setUp({}, { lite: true, version })

    await pull()

    expect(operations).toEqual([operation])
  })

  it('says which broker has no address', async () => {
    const pulls = new PullMessage({
      group: 'g',
      remoting: { ask: () => undefined, versionOf: () => undefined },
      replicaOf: () => Promise.resolve(undefined),
    })

    const pull = pulls.pull({ queue, offset: 0, maxMessages: 1, subscription, suspendMs: 0 })

    await expect(pull).rejects.toThrow(ConnectionError)
    await expect(pull).rejects.toThrow('broker-a')
  })
})
