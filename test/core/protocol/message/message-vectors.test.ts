import { describe, expect, it } from 'vitest'
import {
  bodyCrc,
  decodeBatch,
  decodeMessages,
  decodeOffsetMessageId,
  decodeProperties,
  encodeBatch,
  encodeOffsetMessageId,
  encodeProperties,
  encodeStoredMessage,
  javaHash,
  MessageExt,
  UniqKeyGenerator,
} from '../../../../src/core/protocol/index.ts'
import { vectorsOf } from '../../../support/wire-vectors.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

interface MessageVector {
  readonly decoded: {
    readonly topic: string
    readonly body: string
    readonly storedBody?: string
    readonly bodyCRC: number
    readonly queueId: number
    readonly flag: number
    readonly queueOffset: string
    readonly physicalOffset: string
    readonly sysFlag: number
    readonly bornTimestamp: string
    readonly bornHost: string
    readonly storeTimestamp: string
    readonly storeHost: string
    readonly reconsumeTimes: number
    readonly preparedTransactionOffset: string
    readonly storeSize: number
    readonly offsetMsgId: string
    readonly properties: Readonly<Record<string, string>>
  }
  readonly innerQueueOffsets?: readonly string[]
}

function host(text: string): { ip: string; port: number } {
  const colon = text.lastIndexOf(':')
  return { ip: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

describe.each(vectorsOf<MessageVector>('message'))('$id', ({ hex: text, decoded, innerQueueOffsets }) => {
  it('decodes', () => {
    const message = new MessageExt(hex(text), 0)

    expect({
      topic: message.topic,
      body: message.body.toString('hex'),
      storedBody: message.storedBody.toString('hex'),
      bodyIntact: message.bodyIntact,
      bodyCRC: bodyCrc(message.storedBody),
      queueId: message.queueId,
      flag: message.flag,
      queueOffset: String(message.queueOffset),
      physicalOffset: String(message.commitLogOffset),
      sysFlag: message.sysFlag,
      bornTimestamp: String(message.bornTimestamp),
      bornHost: message.bornHost,
      storeTimestamp: String(message.storeTimestamp),
      storeHost: message.storeHost,
      reconsumeTimes: message.reconsumeTimes,
      preparedTransactionOffset: String(message.preparedTransactionOffset),
      storeSize: message.recordBytes,
      offsetMsgId: message.offsetMsgId,
      properties: Object.fromEntries(message.properties),
    }).toEqual({
      topic: decoded.topic,
      body: decoded.body,
      storedBody: decoded.storedBody ?? decoded.body,
      bodyIntact: true,
      bodyCRC: decoded.bodyCRC,
      queueId: decoded.queueId,
      flag: decoded.flag,
      queueOffset: decoded.queueOffset,
      physicalOffset: decoded.physicalOffset,
      sysFlag: decoded.sysFlag,
      bornTimestamp: decoded.bornTimestamp,
      bornHost: host(decoded.bornHost),
      storeTimestamp: decoded.storeTimestamp,
      storeHost: host(decoded.storeHost),
      reconsumeTimes: decoded.reconsumeTimes,
      preparedTransactionOffset: decoded.preparedTransactionOffset,
      storeSize: decoded.storeSize,
      offsetMsgId: decoded.offsetMsgId,
      properties: decoded.properties,
    })
  })

  it('encodes to the same bytes', () => {
    const encoded = encodeStoredMessage({
      queueId: decoded.queueId,
      flag: decoded.flag,
      queueOffset: Number(decoded.queueOffset),
      physicalOffset: BigInt(decoded.physicalOffset),
      sysFlag: decoded.sysFlag,
      bornTimestamp: Number(decoded.bornTimestamp),
      bornHost: host(decoded.bornHost),
      storeTimestamp: Number(decoded.storeTimestamp),
      storeHost: host(decoded.storeHost),
      reconsumeTimes: decoded.reconsumeTimes,
      preparedTransactionOffset: BigInt(decoded.preparedTransactionOffset),
      body: hex(decoded.storedBody ?? decoded.body),
      topic: decoded.topic,
      properties: encodeProperties(new Map(Object.entries(decoded.properties))),
    })

    expect(encoded.toString('hex')).toBe(text)
  })

  it('comes out of a pull as one message, or as its members', () => {
    const offsets = decodeMessages(hex(text)).map((message) => String(message.queueOffset))

    expect(offsets).toEqual(innerQueueOffsets ?? [decoded.queueOffset])
  })
})

describe.each(vectorsOf<{ readonly queueOffsets: readonly string[] }>('pullBody'))('$id', (vector) => {
  it('holds the messages in order', () => {
    const messages = decodeMessages(hex(vector.hex), { brokerName: 'broker-a' })

    expect(messages.map((message) => String(message.queueOffset))).toEqual(vector.queueOffsets)
    expect(messages.map((message) => message.brokerName)).toEqual(['broker-a', 'broker-a'])
  })
})

interface BatchVector {
  readonly messages: readonly {
    readonly body: string
    readonly flag: number
    readonly properties: Readonly<Record<string, string>>
  }[]
}

it.each(vectorsOf<BatchVector>('batch'))('batch $id decodes and encodes to the same bytes', (vector) => {
  const members = vector.messages.map((message) => ({
    body: hex(message.body),
    flag: message.flag,
    properties: encodeProperties(new Map(Object.entries(message.properties))),
  }))

  expect(decodeBatch(hex(vector.hex))).toEqual(members)
  expect(encodeBatch(members).toString('hex')).toBe(vector.hex)
})

it.each(vectorsOf<{ readonly properties: Readonly<Record<string, string>> }>('properties'))('$id decodes', (vector) => {
  expect(Object.fromEntries(decodeProperties(hex(vector.hex).toString()))).toEqual(vector.properties)
})

it('properties are encoded with a separator after the last', () => {
  const [vector] = vectorsOf<{ readonly properties: Readonly<Record<string, string>> }>('properties')

  expect(Buffer.from(encodeProperties(new Map(Object.entries(vector!.properties)))).toString('hex')).toBe(vector!.hex)
})

it.each(
  vectorsOf<{ readonly cases: readonly { tag: string; hash: number }[] }>('tagsHash').flatMap((vector) => vector.cases),
)('the hash of the tag $tag is $hash', ({ tag, hash }) => {
  expect(javaHash(tag)).toBe(hash)
})

interface MessageIdVector {
  readonly host: string
  readonly port: number
  readonly offset: string
  readonly msgId: string
}

it.each(vectorsOf<MessageIdVector>('msgId'))('$id is written and read', ({ host: ip, port, offset, msgId }) => {
  const id = { host: ip, port, commitLogOffset: BigInt(offset) }

  expect(encodeOffsetMessageId(id)).toBe(msgId)
  expect(decodeOffsetMessageId(msgId)).toEqual(id)
  expect(decodeOffsetMessageId(msgId.toLowerCase())).toEqual(id)
})

interface UniqKeyVector {
  readonly ip: string
  readonly pid: number
  readonly instanceHash: string
  readonly diffMs: number
  readonly counter: number
  readonly uniqKey: string
}

it.each(vectorsOf<UniqKeyVector>('uniqKey'))('$id is made', ({ ip, pid, instanceHash, diffMs, counter, uniqKey }) => {
  const generator = new UniqKeyGenerator({ ip, pid, instance: Number.parseInt(instanceHash, 16) })
  const now = new Date(2024, 0, 1).getTime() + diffMs
  for (let i = 0; i < counter; i++) generator.next(now)

  expect(generator.next(now)).toBe(uniqKey)
})

it.each(
  vectorsOf<{ readonly cases: readonly { hex: string; crc: number }[] }>('crc32').flatMap((vector) => vector.cases),
)('the checksum of $hex is $crc', ({ hex: text, crc }) => {
  expect(bodyCrc(hex(text))).toBe(crc)
})
