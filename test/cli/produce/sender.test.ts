import { describe, expect, test } from 'vitest'
import { Sender, type SenderParts, type SendPlan } from '../../../src/cli/produce/sender.ts'
import type { SourcedMessage } from '../../../src/cli/produce/source.ts'
import { Tally } from '../../../src/cli/produce/tally.ts'
import { ConnectionError, NotFoundError, UsageError } from '../../../src/core/errors.ts'
import type { OutgoingMessage, SendResult } from '../../../src/core/producer/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const plan: SendPlan = { batch: 1, rate: undefined, oneway: false, options: {}, oneQueue: false }

interface Held {
  readonly bodies: string[]
  readonly answer: (error?: Error) => void
}

/** A producer whose answers the test gives. */
class HeldProducer {
  readonly requests: Held[] = []
  most = 0
  #open = 0

  readonly #ask = async (messages: readonly OutgoingMessage[]): Promise<SendResult[]> => {
    this.#open++
    this.most = Math.max(this.most, this.#open)
    try {
      await new Promise<void>((resolve, reject) => {
        const answer = (error?: Error): void => {
          if (error) reject(error)
          else resolve()
        }
        this.requests.push({ bodies: messages.map(({ body }) => body.toString()), answer })
      })
    } finally {
      this.#open--
    }
    return messages.map((_message, index) => ({
      status: 'SEND_OK',
      msgId: `id ${index}`,
      offsetMsgId: '',
      queue: { topic: 't', brokerName: 'b', queueId: 0 },
      queueOffset: index,
    }))
  }

  async send(message: OutgoingMessage): Promise<SendResult> {
    const [result] = await this.#ask([message])
    if (!result) throw new Error('no result')
    return result
  }
  sendBatch(messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
    return this.#ask(messages)
  }
  async sendOneway(message: OutgoingMessage): Promise<string> {
    await this.#ask([message])
    return 'id'
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function messagesOf(count: number, parts: Partial<OutgoingMessage> = {}): SourcedMessage[] {
  return Array.from({ length: count }, (_, i) => ({
    where: `line ${i + 1}`,
    message: { topic: 't', body: Buffer.from(String(i + 1)), ...parts },
  }))
}

function sending(
  messages: readonly SourcedMessage[],
  options: Partial<SendPlan> = {},
  parts: Partial<SenderParts> = {},
): { producer: HeldProducer; tally: Tally; told: string[]; sender: Sender; done: Promise<void>; pulled: () => number } {
  const producer = new HeldProducer()
  const told: string[] = []
  const tally = new Tally((line) => told.push(line))
  const sender = new Sender({
    producer,
    caughtUp: () => Promise.resolve(),
    clock: new VirtualClock(),
    plan: { ...plan, ...options },
    tally,
    onSent: () => undefined,
    signal: new AbortController().signal,
    ...parts,
  })
  let pulled = 0
  function* source(): Generator<readonly SourcedMessage[]> {
    for (const message of messages) {
      pulled++
      yield [message]
    }
  }
  return { producer, tally, told, sender, done: sender.run(source()), pulled: () => pulled }
}

async function answerAll(producer: HeldProducer, done: Promise<void>, error?: Error): Promise<void> {
  const state = { ended: false }
  const end = done.finally(() => {
    state.ended = true
  })
  let answered = 0
  for (let idle = 0; !state.ended && idle < 50; idle++) {
    for (const { answer } of producer.requests.slice(answered)) {
      answer(error)
      answered++
      idle = 0
    }
    await turn()
  }
  await end
}

describe('without keys', () => {
  test('many requests are in flight, no more than a window, and the input is held back', async () => {
    const { producer, tally, done, pulled } = sending(messagesOf(3000))

    for (let i = 0; i < 5; i++) await turn()
    expect(producer.most).toBe(256)
    expect(pulled()).toBe(256)
    await answerAll(producer, done)

    expect(tally).toMatchObject({ sent: 3000, failed: 0 })
  })

  test('batches in flight are bounded by their messages: a broker has a time to answer each', async () => {
    const { producer, tally, done } = sending(messagesOf(50_000), { batch: 500 })

    for (let i = 0; i < 200; i++) await turn()
    expect(producer.most).toBe(40)
    await answerAll(producer, done)
    expect(tally).toMatchObject({ sent: 50_000, failed: 0 })
  })

  test('long messages in flight are bounded by their bytes', async () => {
    const { producer, done } = sending(messagesOf(20, { body: Buffer.alloc(4 * 1024 * 1024) }))

    for (let i = 0; i < 5; i++) await turn()
    expect(producer.most).toBe(4)
    await answerAll(producer, done)
    expect(producer.requests).toHaveLength(20)
  })
})

describe('messages of one key or of one queue', () => {
  test.each([
    ['one sharding key', messagesOf(5, { shardingKey: 'k' }), {}],
    ['--queue', messagesOf(5), { oneQueue: true }],
  ])('are sent one after another with %s', async (_name, messages, options) => {
    const { producer, done } = sending(messages, options)

    await turn()
    expect(producer.requests).toHaveLength(1)
    await answerAll(producer, done)

    expect(producer.most).toBe(1)
    expect(producer.requests.flatMap(({ bodies }) => bodies)).toEqual(['1', '2', '3', '4', '5'])
  })

  test('of different keys do not wait for each other', async () => {
    const messages = [...messagesOf(1, { shardingKey: 'a' }), ...messagesOf(1, { shardingKey: 'b' })]
    const { producer, done } = sending(messages)

    await turn()
    expect(producer.requests).toHaveLength(2)
    await answerAll(producer, done)
  })

  test('one that fails does not keep the next from being sent', async () => {
    const { producer, tally, done } = sending(messagesOf(2, { shardingKey: 'k' }))

    await turn()
    producer.requests[0]?.answer(new ConnectionError('b:1', 'lost'))
    await answerAll(producer, done)

    expect(tally).toMatchObject({ sent: 1, failed: 1 })
  })
})

describe('batches', () => {
  test('are full but for the last', async () => {
    const { producer, tally, done } = sending(messagesOf(7), { batch: 3 })
    await answerAll(producer, done)

    expect(producer.requests.map(({ bodies }) => bodies)).toEqual([['1', '2', '3'], ['4', '5', '6'], ['7']])
    expect(tally.sent).toBe(7)
  })

  test('end where the sharding key changes, and before 1 MiB is passed', async () => {
    const keys = [...messagesOf(2, { shardingKey: 'a' }), ...messagesOf(1, { shardingKey: 'b' })]
    const long = messagesOf(3, { body: Buffer.alloc(600 * 1024, 'x') })
    const first = sending(keys, { batch: 10 })
    const second = sending(long, { batch: 10 })
    await answerAll(first.producer, first.done)
    await answerAll(second.producer, second.done)

    expect(first.producer.requests.map(({ bodies }) => bodies.length)).toEqual([2, 1])
    expect(second.producer.requests.map(({ bodies }) => bodies.length)).toEqual([1, 1, 1])
  })

  test('that fail count every message, with its line', async () => {
    const { producer, tally, told, done } = sending(messagesOf(2), { batch: 2 })
    await answerAll(producer, done, new UsageError('too large'))

    expect(tally).toMatchObject({ sent: 0, failed: 2 })
    expect(told).toEqual(['not sent: line 1: too large', 'not sent: line 2: too large'])
  })
})

describe('failures', () => {
  test('are told ten times, counted always', async () => {
    const { producer, tally, told, done } = sending(messagesOf(30))
    await answerAll(producer, done, new UsageError('no'))

    expect(tally.failed).toBe(30)
    expect(told).toHaveLength(11)
    expect(told.at(-1)).toBe('further failures are counted, not told')
  })

  test('a line that is no message is counted with them', async () => {
    const bad: SourcedMessage = { where: 'line 2', error: new UsageError('it is not JSON') }
    const { producer, tally, told, done } = sending([...messagesOf(1), bad])
    await answerAll(producer, done)

    expect(tally).toMatchObject({ sent: 1, failed: 1 })
    expect(told).toEqual(['not sent: line 2: it is not JSON'])
  })

  test('a topic that does not exist ends it, and is not told for each message in flight', async () => {
    const { producer, tally, told, sender, done } = sending(messagesOf(5000))
    await answerAll(producer, done, new NotFoundError('topic', 't'))

    expect(sender.stopped.reason).toBeInstanceOf(NotFoundError)
    expect(told).toEqual([])
    expect(tally.failed).toBe(producer.requests.length)
    expect(producer.requests.length).toBeLessThan(5000)
  })

  test('nothing accepted for 256 messages ends it, and says after which line', async () => {
    const { producer, tally, sender, done } = sending(messagesOf(5000))
    await answerAll(producer, done, new ConnectionError('b:1', 'lost'))

    expect(sender.stopped.reason).toBeInstanceOf(ConnectionError)
    expect(sender.lastTaken).toBe(`line ${tally.failed}`)
    expect(tally.failed).toBeLessThan(5000)
  })

  test('what waits behind the same key is then counted, not tried', async () => {
    const { producer, tally, done } = sending(messagesOf(100, { shardingKey: 'k' }))
    await answerAll(producer, done, new NotFoundError('topic', 't'))

    expect(producer.requests).toHaveLength(1)
    expect(tally.failed).toBe(100)
  })

  test('a fault of this program ends it', async () => {
    const { producer, sender, done } = sending(messagesOf(2))
    await answerAll(producer, done, new TypeError('x is undefined'))

    expect(sender.stopped.reason).toBeInstanceOf(TypeError)
  })
})

test('an interruption stops the reading; what is in flight is answered and counted', async () => {
  const controller = new AbortController()
  const { producer, tally, sender, done, pulled } = sending(messagesOf(3000), {}, { signal: controller.signal })
  for (let i = 0; i < 5; i++) await turn()

  controller.abort()
  await answerAll(producer, done)

  expect(pulled()).toBeLessThanOrEqual(257)
  expect(tally.sent).toBe(256)
  expect(sender.lastTaken).toBe('line 256')
})

test('one-way messages ask the brokers now and then whether they keep up', async () => {
  let asked = 0
  const caughtUp = (): Promise<void> => {
    asked++
    return Promise.resolve()
  }
  const { producer, tally, done } = sending(messagesOf(5000), { oneway: true }, { caughtUp })
  await answerAll(producer, done)

  expect(tally.sent).toBe(5000)
  expect(asked).toBe(2)
})
