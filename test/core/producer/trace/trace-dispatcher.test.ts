import { describe, expect, it, vi } from 'vitest'
import { TraceDispatcher } from '../../../../src/core/producer/trace/trace-dispatcher.ts'
import { traceRecord } from '../../../../src/core/producer/trace/trace-record.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const record = (n: number, text = `${n};`) => ({ text, msgId: `id-${n}`, keys: [`key-${n % 2}`] })

function setUp(send: (text: string) => Promise<unknown> = () => Promise.resolve()) {
  const clock = new VirtualClock()
  const warn = vi.fn()
  const sent: { text: string; keys: readonly string[] }[] = []
  const dispatcher = new TraceDispatcher({
    clock,
    logger: { ...silentLogger, warn },
    send: (text, keys) => {
      sent.push({ text, keys })
      return send(text)
    },
  })
  return { clock, warn, sent, dispatcher }
}

describe('records of traces', () => {
  it('are written as Java writes them', () => {
    const shared = { group: 'g', requestId: 'r', msgId: 'm', timestamp: 7 }

    expect(traceRecord.subBefore({ ...shared, regionId: 'DefaultRegion', retryTimes: 2, keys: ['a', 'b'] }).text).toBe(
      'SubBefore\u00017\u0001DefaultRegion\u0001g\u0001r\u0001m\u00012\u0001a b\u0002',
    )
    expect(traceRecord.subAfter({ ...shared, millis: 5.9, success: true, keys: [], contextCode: 0 }).text).toBe(
      'SubAfter\u0001r\u0001m\u00015\u0001true\u0001null\u00010\u00017\u0001g\u0002',
    )
    const pub = { ...shared, regionId: 'R', topic: 't', tags: undefined, keys: ['k'], storeHost: '127.0.0.1:1' }
    expect(
      traceRecord.pub({ ...pub, bodyBytes: 3, millis: 2, delayed: false, offsetMsgId: 'o', success: true }).text,
    ).toBe(
      'Pub\u00017\u0001R\u0001g\u0001t\u0001m\u0001null\u0001k\u0001127.0.0.1:1\u00013\u00012\u00010\u0001o\u0001true\u0002',
    )
  })
})

describe('the dispatcher of traces', () => {
  it('sends what has come within 5 s, found by the ids and keys of its messages', async () => {
    const { clock, sent, dispatcher } = setUp()
    for (const n of [1, 2, 3]) dispatcher.append(record(n))
    await clock.advance(4999)
    expect(sent).toEqual([])

    await clock.advance(1)

    expect(sent).toEqual([{ text: '1;2;3;', keys: ['id-1', 'key-1', 'id-2', 'key-0', 'id-3'] }])
  })

  it('sends at once when there is enough, one message after another', async () => {
    let done = (): void => undefined
    const { clock, sent, dispatcher } = setUp(() => new Promise<void>((resolve) => (done = resolve)))
    for (let n = 0; n < 50; n++) dispatcher.append(record(n))
    await clock.settle()
    expect(sent).toHaveLength(1)

    done()
    await clock.settle()

    expect(sent.map(({ text }) => text.split(';').length - 1)).toEqual([20, 30])
  })

  it('keeps a message below 128000 characters', async () => {
    const { clock, sent, dispatcher } = setUp()
    for (let n = 0; n < 3; n++) dispatcher.append(record(n, 'x'.repeat(60_000)))
    await clock.advance(5000)

    expect(sent.map(({ text }) => text.length)).toEqual([120_000, 60_000])
  })

  it('leaves out keys that cannot be sent', async () => {
    const { clock, sent, dispatcher } = setUp()
    dispatcher.append({ text: 'x', msgId: 'id', keys: ['a\tb', ''] })
    await clock.advance(5000)

    expect(sent[0]?.keys).toEqual(['id'])
  })

  it('holds a bounded number while brokers are slow, loses the rest, and says so once a minute', async () => {
    const { clock, warn, sent, dispatcher } = setUp(() => new Promise(() => undefined))
    for (let n = 0; n < 20_000; n++) dispatcher.append(record(n))
    await clock.settle()

    expect(sent).toHaveLength(1)
    expect(warn.mock.calls).toEqual([['1 trace records are lost: the brokers do not take them fast enough']])
    await clock.advance(60_000)
    dispatcher.append(record(1))
    expect(warn).toHaveBeenCalledTimes(2)
    expect(warn.mock.lastCall?.[0]).toMatch(/^1\d{4} trace records are lost/)
  })

  it('does no harm when a broker refuses', async () => {
    const { clock, warn, sent, dispatcher } = setUp(() => Promise.reject(new Error('no permission')))
    for (let n = 0; n < 3; n++) {
      dispatcher.append(record(n))
      await clock.advance(5000)
    }

    expect(sent).toHaveLength(3)
    expect(warn.mock.calls).toEqual([['1 trace records are lost: Error: no permission']])
  })

  it('sends what is left when it is closed, and waits for that no longer than 5 s', async () => {
    const quick = setUp()
    quick.dispatcher.append(record(1))
    await quick.dispatcher.close()
    quick.dispatcher.append(record(2))
    await quick.clock.advance(10_000)
    expect(quick.sent).toHaveLength(1)

    const stuck = setUp(() => new Promise(() => undefined))
    stuck.dispatcher.append(record(1))
    const closing = stuck.dispatcher.close()
    await stuck.clock.advance(5000)
    await closing
    expect(stuck.warn).toHaveBeenCalledWith('the last traces are lost: Error: not sent within 5000 ms')
  })
})
