import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import {
  type BatchMember,
  decodeMessages,
  encodeBatch,
  encodeProperties,
  encodeStoredMessage,
  MAX_DECOMPRESSED_BYTES,
  MessageExt,
  MessageSysFlag,
  type StoredMessageParts,
} from '../../../../src/core/protocol/index.ts'

function record(parts: Partial<StoredMessageParts> = {}): Buffer {
  return encodeStoredMessage({
    queueId: 1,
    flag: 0,
    queueOffset: 7,
    physicalOffset: 123_456n,
    sysFlag: 0,
    bornTimestamp: 4,
    bornHost: { ip: '10.0.0.9', port: 1 },
    storeTimestamp: 5,
    storeHost: { ip: '10.0.0.1', port: 10911 },
    reconsumeTimes: 2,
    preparedTransactionOffset: 0n,
    body: Buffer.from('body'),
    topic: '%RETRY%g',
    properties: '',
    ...parts,
  })
}

const properties = (entries: Readonly<Record<string, string>>): string =>
  encodeProperties(new Map(Object.entries(entries)))

describe('MessageExt', () => {
  it('answers with the UNIQ_KEY for the message id, or else with the place in the commit log', () => {
    expect(new MessageExt(record(), 0).msgId).toBe('0A00000100002A9F000000000001E240')
    const named = new MessageExt(record({ properties: properties({ UNIQ_KEY: 'K' }) }), 0)
    expect([named.msgId, named.offsetMsgId]).toEqual(['K', '0A00000100002A9F000000000001E240'])
  })

  it('gives keys one by one, and tags as they are', () => {
    const message = new MessageExt(record({ properties: properties({ KEYS: 'a  b ', TAGS: 'x || y' }) }), 0)

    expect([message.keys, message.tags]).toEqual([['a', 'b'], 'x || y'])
    expect([new MessageExt(record(), 0).keys, new MessageExt(record(), 0).tags]).toEqual([[], undefined])
  })

  it('can be given the topic and retries the application knows, and keeps what is stored', () => {
    const message = new MessageExt(record(), 0)
    message.topic = 'orders'
    message.reconsumeTimes = 5

    expect([message.topic, message.storedTopic, message.reconsumeTimes]).toEqual(['orders', '%RETRY%g', 5])
    const copy = message.copy()
    expect([copy.topic, copy.storedTopic, copy.reconsumeTimes]).toEqual(['orders', '%RETRY%g', 5])
  })

  it('copies itself into memory of its own', () => {
    const buffer = Buffer.concat([record(), record({ queueOffset: 8 })])
    const message = new MessageExt(buffer, record().length, { brokerName: 'b', offsetDelta: 100 })
    const copy = message.copy()
    buffer.fill(0)

    expect([copy.queueOffset, copy.brokerName, copy.body.toString()]).toEqual([108, 'b', 'body'])
    expect(copy.record.buffer.byteLength).toBeLessThan(64 * 1024)
  })

  it('decompresses its body once, and says what is wrong with a damaged one', () => {
    const plain = Buffer.from('plain '.repeat(100))
    const message = new MessageExt(record({ body: deflateSync(plain), sysFlag: MessageSysFlag.COMPRESSED }), 0)

    expect(message.body.equals(plain)).toBe(true)
    expect(message.body).toBe(message.body)
    expect(message.storedBody.equals(plain)).toBe(false)
    const damaged = new MessageExt(record({ sysFlag: MessageSysFlag.COMPRESSED }), 0)
    expect(() => damaged.body).toThrow('a zlib body of 4 bytes cannot be decompressed')
  })

  it('does not decompress on type bits alone', () => {
    expect(new MessageExt(record({ sysFlag: MessageSysFlag.COMPRESSION_ZSTD }), 0).body.toString()).toBe('body')
  })

  it.each([
    ['queue offset', 20],
    ['born time', 40],
    ['store time', 56],
  ])('refuses a %s that no number holds', (_, at) => {
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      const damaged = record()
      damaged.writeBigInt64BE(value, at)
      expect(() => {
        const message = new MessageExt(damaged, 0)
        return [message.bornTimestamp, message.storeTimestamp]
      }).toThrow(ProtocolError)
    }
  })
})

describe('decodeMessages', () => {
  it('gives none for an empty body', () => {
    expect(decodeMessages(Buffer.alloc(0))).toEqual([])
  })

  it('gives none at all when one record is damaged, for skipping one would lose it', () => {
    const bytes = Buffer.concat([record(), record().subarray(0, -1)])

    expect(() => decodeMessages(bytes)).toThrow(ProtocolError)
  })

  const member = (text: string, flag = 0) => ({ flag, body: Buffer.from(text), properties: properties({ TAGS: text }) })
  const innerBatch = MessageSysFlag.INNER_BATCH | MessageSysFlag.NEED_UNWRAP

  it('replaces an inner batch by its members, with offsets of their own and the head of the batch', () => {
    const body = deflateSync(encodeBatch([member('one', 3), member('two')]))
    const bytes = record({ body, sysFlag: innerBatch | MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_ZLIB })

    const messages = decodeMessages(Buffer.concat([bytes, record({ queueOffset: 9 })]), {
      brokerName: 'b',
      offsetDelta: 1000,
    })

    expect(
      messages.map((message) => [message.queueOffset, message.body.toString(), message.tags, message.flag]),
    ).toEqual([
      [1007, 'one', 'one', 3],
      [1008, 'two', 'two', 0],
      [1009, 'body', undefined, 0],
    ])
    expect(messages.map((message) => [message.brokerName, message.sysFlag, message.commitLogOffset])).toEqual(
      Array(3).fill(['b', 0, 123_456n]),
    )
  })

  it('leaves a record with only one of the two bits alone', () => {
    const bytes = record({ sysFlag: MessageSysFlag.INNER_BATCH })

    expect(decodeMessages(bytes).map((message) => message.body.toString())).toEqual(['body'])
  })

  it('stops when small compressed batches expand beyond the limit', () => {
    const body = deflateSync(encodeBatch(Array<BatchMember>(5000).fill(member('x'))))
    const bytes = record({ body, sysFlag: innerBatch | MessageSysFlag.COMPRESSED, topic: 'T'.repeat(20_000) })

    expect(bytes.length).toBeLessThan(30_000)
    expect(5000 * 20_000).toBeGreaterThan(MAX_DECOMPRESSED_BYTES)
    expect(() => decodeMessages(bytes)).toThrow('inner batches expand to more than')
  })
})
