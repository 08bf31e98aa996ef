import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser, type BrowserParts } from '../../../../src/core/consumer/index.ts'
import { AuthorizationError, BrokerResponseError, NotFoundError } from '../../../../src/core/errors.ts'
import { selectQueue } from '../../../../src/core/producer/index.ts'
import { type MessageQueue, ResponseCode } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { EmbeddedCluster } from '../../../support/embedded-cluster.ts'

const QUEUES = 4

let cluster: EmbeddedCluster
const browsers: Browser[] = []

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  await createTopic('orders', QUEUES)
})
afterEach(async () => {
  await settled(Promise.all(browsers.splice(0).map((browser) => browser.close())))
  await settled(cluster.close())
})

/** Waits for something in virtual time. */
async function settled<T>(job: Promise<T>, stepMs = 100): Promise<T> {
  const state = { done: false }
  const ended = job.finally(() => {
    state.done = true
  })
  ended.catch(() => undefined)
  for (let i = 0; i < 2000 && !isDone(state); i++) await cluster.clock.advance(stepMs)
  return ended
}

function isDone(state: { readonly done: boolean }): boolean {
  return state.done
}

async function createTopic(topic: string, queues: number): Promise<void> {
  const client = cluster.client()
  const request = { topic, defaultTopic: topic, readQueueNums: queues, writeQueueNums: queues, perm: 6 }
  await settled(client.remoting.invoke(cluster.broker.address, 'updateAndCreateTopic', request))
  await client.close()
}

/** Sends bodies 0 … count-1, body n to queue n mod QUEUES. */
async function send(count: number, options: { from?: number; tag?: (n: number) => string } = {}): Promise<void> {
  const client = cluster.client()
  const producer = cluster.producer(client)
  for (let n = options.from ?? 0; n < (options.from ?? 0) + count; n++) {
    const selector = selectQueue('broker-a', n % QUEUES)
    const sent = producer.send({ topic: 'orders', body: Buffer.from(String(n)), tags: options.tag?.(n) }, { selector })
    await settled(sent, 1)
  }
  await settled(producer.close())
  await client.close()
}

function browse(parts: Partial<BrowserParts> & { logger?: typeof silentLogger }) {
  const { logger = silentLogger, ...rest } = parts
  const client = cluster.client({ logger })
  const got: string[] = []
  const byQueue = new Map<number, number[]>()
  const browser = new Browser(client, {
    topic: 'orders',
    rangeOf: async (queue) => ({ start: 0, end: await client.queueOffsets.max(queue) }),
    deliver: (messages) => {
      for (const message of messages) {
        got.push(message.body.toString())
        byQueue.set(message.queueId, [...(byQueue.get(message.queueId) ?? []), message.queueOffset])
      }
    },
    ...rest,
  })
  browsers.push(browser)
  return { browser, client, got, byQueue }
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i))
const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => Number(a) - Number(b))

describe('browsing', () => {
  it('reads every queue in order from its start to its end, and then is finished', async () => {
    await send(100)
    const { browser, got, byQueue } = browse({})

    await settled(browser.start())
    await settled(browser.finished)

    expect(sorted(got)).toEqual(numbers(0, 100))
    for (const offsets of byQueue.values()) expect(offsets).toEqual(Array.from({ length: 25 }, (_, i) => i))
  })

  it('reads only the part of each queue that was asked for', async () => {
    await send(40)
    const { browser, byQueue } = browse({
      rangeOf: async ({ queueId }) => ({ start: 2 + queueId, end: 8 }),
      includes: ({ queueId }) => queueId !== 1,
    })

    await settled(browser.start())
    await settled(browser.finished)

    expect([...byQueue]).toEqual(
      expect.arrayContaining([
        [0, [2, 3, 4, 5, 6, 7]],
        [2, [4, 5, 6, 7]],
        [3, [5, 6, 7]],
      ]),
    )
    expect(byQueue.has(1)).toBe(false)
  })

  it('is finished at once where there is nothing to read', async () => {
    const { browser, got } = browse({})

    await settled(browser.start())
    await settled(browser.finished)

    expect(got).toEqual([])
  })

  it('goes on with what comes, without an end', async () => {
    await send(8)
    const { browser, got } = browse({ rangeOf: async () => ({ start: 0, end: undefined }) })
    await settled(browser.start())
    await cluster.clock.advance(1000)
    expect(sorted(got)).toEqual(numbers(0, 8))

    await send(8, { from: 8 })
    await cluster.clock.advance(20_000)

    expect(sorted(got)).toEqual(numbers(0, 16))
  })

  it('lets the broker filter by tags and looks again itself', async () => {
    await send(30, { tag: (n) => (n % 3 === 0 ? 'Aa' : 'BB') })
    const { browser, got } = browse({ tags: 'Aa' })

    await settled(browser.start())
    await settled(browser.finished)

    // The two tags have one hash.
    expect(sorted(got)).toEqual(numbers(0, 30).filter((n) => Number(n) % 3 === 0))
  })

  it('reads a queue on only when what it gave was taken', async () => {
    await send(QUEUES * 100)
    const taken: (() => void)[] = []
    const given: number[] = []
    const { browser } = browse({
      includes: ({ queueId }) => queueId === 0,
      deliver: (messages) => {
        given.push(messages.length)
        return new Promise((resolve) => taken.push(resolve))
      },
    })
    await settled(browser.start())
    await cluster.clock.advance(60_000)
    expect(given).toEqual([32])

    for (let i = 0; i < 4; i++) {
      taken.shift()?.()
      await cluster.clock.advance(1000)
    }
    await settled(browser.finished)

    expect(given).toEqual([32, 32, 32, 4])
  })

  it('delivers nothing any more once it is closed', async () => {
    await send(4)
    const { browser, got } = browse({ rangeOf: async () => ({ start: 0, end: undefined }) })
    await settled(browser.start())
    await cluster.clock.advance(1000)

    await settled(browser.close())
    await settled(browser.close())
    await send(4, { from: 4 })
    await cluster.clock.advance(60_000)

    expect(got).toHaveLength(4)
  })

  it('leaves no trace on the broker: no group, no member, no retry topic, no offset', async () => {
    await send(8)
    const probe = cluster.client()
    const { address } = cluster.broker
    const traces = async () => {
      const groups = await settled(probe.remoting.invoke(address, 'getAllSubscriptionGroupConfig', {}))
      const topics = await settled(probe.remoting.invoke(address, 'getAllTopicConfig', {}))
      const readers = await settled(probe.remoting.invoke(address, 'queryTopicConsumeByWho', { topic: 'orders' }))
      return [
        [...groups.body.subscriptionGroupTable.keys()].sort(),
        [...topics.body.topicConfigTable.keys()].sort(),
        readers.body.groupList,
      ]
    }
    const before = await traces()
    const { browser } = browse({ rangeOf: async () => ({ start: 0, end: undefined }) })
    await settled(browser.start())
    await cluster.clock.advance(100_000)

    await settled(browser.close())

    expect(await traces()).toEqual(before)
    expect(before[2]).toEqual([])
  })
})

describe('browsing when something goes wrong', () => {
  it('rejects for a topic that does not exist', async () => {
    const { browser } = browse({ topic: 'nowhere' })

    await expect(settled(browser.start())).rejects.toThrow(NotFoundError)
  })

  it('rejects with what kept it from knowing where to begin', async () => {
    const { browser } = browse({ rangeOf: () => Promise.reject(new Error('no offset')) })

    await expect(settled(browser.start())).rejects.toThrow('no offset')
  })

  it('ends with the error of whoever takes the messages', async () => {
    await send(4)
    const { browser } = browse({
      deliver: () => {
        throw new Error('disk full')
      },
    })
    await settled(browser.start())

    await expect(settled(browser.finished)).rejects.toThrow('disk full')
  })

  it('goes on where the queue begins when the offset has gone, and says so', async () => {
    await send(QUEUES * 3)
    const warn = vi.fn()
    const { browser, byQueue } = browse({
      logger: { ...silentLogger, warn },
      includes: ({ queueId }) => queueId === 0,
      rangeOf: async () => ({ start: 50, end: undefined }),
    })
    await settled(browser.start())
    await cluster.clock.advance(1000)

    await send(QUEUES, { from: QUEUES * 3 })
    await cluster.clock.advance(20_000)

    expect(warn).toHaveBeenCalledWith('offset 50 of orders broker-a:0 is not there, it goes from 0 to 3; going on at 3')
    expect(byQueue.get(0)).toEqual([3])
  })

  it('ends where a queue ends now when it has become shorter than its end', async () => {
    await send(QUEUES * 3)
    const { browser, byQueue } = browse({
      includes: ({ queueId }) => queueId === 0,
      rangeOf: async () => ({ start: 0, end: 500 }),
    })

    await settled(browser.start())
    await settled(browser.finished)

    expect(byQueue.get(0)).toEqual([0, 1, 2])
  })

  it('asks again and again while a broker is down, and loses and repeats nothing', async () => {
    await send(8)
    const warn = vi.fn()
    const { browser, got } = browse({
      logger: { ...silentLogger, warn },
      rangeOf: async () => ({ start: 0, end: undefined }),
    })
    await settled(browser.start())
    await cluster.clock.advance(1000)
    cluster.refuseConnections(true)
    await cluster.clock.advance(30_000)
    expect(warn.mock.calls.flat().join()).toMatch(/cannot read orders broker-a:0, trying again: /)

    cluster.refuseConnections(false)
    await cluster.clock.advance(10_000)
    await send(8, { from: 8 })
    await cluster.clock.advance(20_000)

    expect(sorted(got)).toEqual(numbers(0, 16))
  })

  it.each([
    ['a refused right', ResponseCode.NO_PERMISSION],
    ['a topic that is not there', ResponseCode.TOPIC_NOT_EXIST],
  ])('ends at %s, which another attempt does not change', async (_, code) => {
    const denied = code === ResponseCode.NO_PERMISSION
    const error = denied ? new AuthorizationError(refusal(code)) : new BrokerResponseError(refusal(code))
    await send(4)
    const { browser, client } = browse({})
    const ask = client.remoting.ask.bind(client.remoting)
    vi.spyOn(client.remoting, 'ask').mockImplementation((target, request, receiver) => {
      if (target.name === 'pullMessage') receiver.failed(error)
      else ask(target, request, receiver)
    })
    await settled(browser.start())

    await expect(settled(browser.finished)).rejects.toBe(error)
  })

  it('tries again when the broker is busy', async () => {
    await send(4)
    const { browser, client, got } = browse({})
    const invoke = client.remoting.invoke.bind(client.remoting)
    let refusals = 6
    vi.spyOn(client.remoting, 'invoke').mockImplementation((...args) => {
      if (args[1] !== 'pullMessage' || refusals-- <= 0) return invoke(...args)
      return Promise.reject(new BrokerResponseError(refusal(ResponseCode.SYSTEM_BUSY)))
    })

    await settled(browser.start())
    await settled(browser.finished)

    expect(sorted(got)).toEqual(numbers(0, 4))
  })
})

function refusal(responseCode: number) {
  return { address: 'b', operation: 'pullMessage', responseCode, responseName: String(responseCode), remark: undefined }
}

describe('queues that appear', () => {
  it('are read too, from where the caller says', async () => {
    await send(4)
    const asked: [MessageQueue, boolean][] = []
    const { browser, client, got } = browse({
      rangeOf: (queue, { late }) => {
        asked.push([queue, late])
        return Promise.resolve({ start: 0, end: undefined })
      },
    })
    await settled(browser.start())

    await createTopic('orders', QUEUES + 1)
    await cluster.clock.advance(40_000)
    const producer = cluster.producer(client)
    await settled(
      producer.send({ topic: 'orders', body: Buffer.from('new') }, { selector: selectQueue('broker-a', QUEUES) }),
      1,
    )
    await cluster.clock.advance(20_000)

    expect(asked.map(([{ queueId }, late]) => [queueId, late])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ])
    expect(got).toContain('new')
  })
})
