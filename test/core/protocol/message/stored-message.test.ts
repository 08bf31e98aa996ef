import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import {
  decodeProperties,
  encodeStoredMessage,
  MAX_PROPERTIES_BYTES,
  MessageExt,
  type StoredMessageParts,
} from '../../../../src/core/protocol/index.ts'
import { checkRecord, MAGIC_V1, MAGIC_V2 } from '../../../../src/core/protocol/message/stored-message.ts'
import { SEED, storedMessage } from '../../../support/arbitraries.ts'

const shortTopic = fc.string({ unit: 'binary-ascii', maxLength: 127 })
const longTopic = fc.string({ unit: 'binary-ascii', minLength: 128, maxLength: 400 })

function partsOf(message: MessageExt): Omit<StoredMessageParts, 'properties' | 'sysFlag'> {
  return {
    queueId: message.queueId,
    flag: message.flag,
    queueOffset: message.queueOffset,
    physicalOffset: message.commitLogOffset,
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    storeTimestamp: message.storeTimestamp,
    storeHost: message.storeHost,
    reconsumeTimes: message.reconsumeTimes,
    preparedTransactionOffset: message.preparedTransactionOffset,
    body: message.body,
    topic: message.topic,
  }
}

const plain: StoredMessageParts = {
  queueId: 1,
  flag: 0,
  queueOffset: 2,
  physicalOffset: 3n,
  sysFlag: 0,
  bornTimestamp: 4,
  bornHost: { ip: '10.0.0.9', port: 1 },
  storeTimestamp: 5,
  storeHost: { ip: '10.0.0.1', port: 10911 },
  reconsumeTimes: 0,
  preparedTransactionOffset: 0n,
  body: Buffer.from('body'),
  topic: 'T',
  properties: '',
}

describe('a stored message', () => {
  it.each([
    ['V1', shortTopic, MAGIC_V1],
    ['V2', longTopic, MAGIC_V2],
  ] as const)('of form %s comes back as it was, from anywhere in a buffer', (_, topic, magic) => {
    fc.assert(
      fc.property(storedMessage(topic), fc.nat(20), (parts, offset) => {
        const record = encodeStoredMessage(parts)
        const buffer = Buffer.concat([Buffer.alloc(offset, 0xee), record, Buffer.alloc(offset, 0xee)])

        expect(checkRecord(buffer, offset)).toBe(record.length)
        const message = new MessageExt(buffer, offset)
        const { properties, sysFlag, ...rest } = parts
        expect(partsOf(message)).toEqual(rest)
        expect(message.properties).toEqual(decodeProperties(properties))
        expect(message.sysFlag & ~0x30).toBe(sysFlag)
        expect((message.sysFlag & 0x10) !== 0).toBe(parts.bornHost.ip.includes(':'))
        expect((message.sysFlag & 0x20) !== 0).toBe(parts.storeHost.ip.includes(':'))
        expect(message.record.readUInt32BE(4)).toBe(magic)
        expect(message.record.equals(record)).toBe(true)
        expect(message.bodyIntact).toBe(true)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('cannot have an address that is none, or properties beyond the limit', () => {
    expect(() => encodeStoredMessage({ ...plain, storeHost: { ip: 'localhost', port: 1 } })).toThrow(ProtocolError)
    expect(encodeStoredMessage({ ...plain, properties: 'p'.repeat(MAX_PROPERTIES_BYTES) })).toBeInstanceOf(Buffer)
    const properties = 'p'.repeat(MAX_PROPERTIES_BYTES + 1)
    expect(() => encodeStoredMessage({ ...plain, properties })).toThrow(ProtocolError)
  })

  it('knows when its body was changed', () => {
    const record = encodeStoredMessage(plain)
    record[record.indexOf('body')] = 0x42

    expect(new MessageExt(record, 0).bodyIntact).toBe(false)
  })
})

describe('a record that is not whole', () => {
  const record = encodeStoredMessage({ ...plain, topic: 'Topic', properties: 'A\u0001b\u0002' })

  it('is refused wherever it is cut', () => {
    for (let cut = 0; cut < record.length; cut++) {
      expect(() => checkRecord(record.subarray(0, cut), 0)).toThrow(ProtocolError)
    }
  })

  it('is refused wherever the buffer ends before the size it announces, or a length does not fit', () => {
    const damage: readonly (readonly [at: number, value: number])[] = [
      [0, -1],
      [0, 0],
      [0, record.length - 1],
      [0, record.length + 1],
      [0, 2 ** 31 - 1],
      [4, 0x43194],
      [84, -1],
      [84, -(2 ** 31)],
      [84, 2 ** 31 - 1],
      [84, 5],
      [84, 100],
    ]
    for (const [at, value] of damage) {
      const damaged = Buffer.from(record)
      damaged.writeInt32BE(value, at)
      expect(() => checkRecord(damaged, 0)).toThrow(ProtocolError)
    }
  })

  it('is refused when a flag says its hosts are longer than they are', () => {
    for (const bit of [0x10, 0x20, 0x30]) {
      const damaged = Buffer.from(record)
      damaged.writeInt32BE(bit, 36)
      expect(() => checkRecord(damaged, 0)).toThrow(ProtocolError)
    }
  })
})
