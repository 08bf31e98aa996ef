import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import {
  decodeMessages,
  encodeFrame,
  type MessageExt,
  type Operation,
  operations,
  readHeader,
} from '../../../src/core/protocol/index.ts'
import { decodeFrame } from '../../support/commands.ts'
import { type GoldenFrame, type GoldenMessage, goldenFrames, goldenVersions } from '../../support/fixtures.ts'
import { plainJson } from '../../support/plain-json.ts'

const all: readonly (GoldenFrame & { readonly version: string })[] = goldenVersions.flatMap((version) =>
  goldenFrames(version).map((frame) => ({ version, ...frame })),
)

/** Requests of a broker to a client; see the README beside the frames. */
const fromBroker = /-to-client$|^notify-|^check-transaction$|^java-broker-/

function operationOf({ id, code }: GoldenFrame): Operation | undefined {
  const toClient = fromBroker.test(id)
  return (Object.values(operations) as readonly Operation[]).find(
    (operation) => operation.code === code && (operation.to === 'client') === toClient,
  )
}

it('covers all four versions', () => {
  expect(goldenVersions.map((version) => all.filter((frame) => frame.version === version).length)).toEqual([
    144, 56, 30, 190,
  ])
})

describe('a golden frame', () => {
  it.each(all)('$version $id decodes, and encodes to an equal command', ({ code, q, a }) => {
    const request = decodeFrame(q)
    expect(request.code).toBe(code)
    expect(decodeFrame(encodeFrame(request))).toEqual(request)
    if (!a) return
    const response = decodeFrame(a)
    expect([response.flag & 1, response.opaque]).toEqual([1, request.opaque])
    expect(decodeFrame(encodeFrame(response))).toEqual(response)
  })

  const known = all.flatMap((frame) => {
    const operation = operationOf(frame)
    return operation ? [{ ...frame, operation }] : []
  })

  it.each(known)('$version $id reads by the table of operations', ({ q, a, operation }) => {
    const request = decodeFrame(q)
    expect(() => readHeader(operation.request, request.extFields)).not.toThrow()
    expect(() => operation.requestBody?.read(request.body)).not.toThrow()
    const response = a && decodeFrame(a)
    if (response?.code !== 0) return
    expect(() => readHeader(operation.response, response.extFields)).not.toThrow()
    expect(() => operation.responseBody?.read(response.body)).not.toThrow()
  })

  it.each(all.filter((frame) => frame.messages))('$version $id holds the messages', ({ code, q, a, messages = [] }) => {
    const decoded = decodeMessages(decodeFrame(code === 39 || code === 309 ? q : a!).body)

    expect(decoded.slice(0, messages.length).map(shown)).toEqual(messages.map(wanted))
    for (const message of decoded) expect(message.bodyIntact).toBe(true)
  })

  it.each(all.filter((frame) => frame.json !== undefined))(
    '$version $id holds the JSON body',
    ({ code, q, a, json }) => {
      const { body } = decodeFrame(code === 220 ? q : a!)

      expect(plainJson(readFastjson(body.toString()), (entries) => ({ $map: entries }))).toEqual(json)
    },
  )
})

function shown(message: MessageExt): unknown {
  return {
    topic: message.topic,
    queueId: message.queueId,
    queueOffset: message.queueOffset,
    commitLogOffset: message.commitLogOffset,
    flag: message.flag,
    sysFlag: message.sysFlag,
    magic: message.record.readUInt32BE(4).toString(16),
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    storeTimestamp: message.storeTimestamp,
    storeHost: message.storeHost,
    reconsumeTimes: message.reconsumeTimes,
    preparedTransactionOffset: message.preparedTransactionOffset,
    body: { length: message.body.length, crc32: crc32(message.body) & 0x7fffffff },
    properties: Object.fromEntries(message.properties),
  }
}

function wanted(message: GoldenMessage): unknown {
  const body = Buffer.from(message.body ?? '')
  return {
    topic: message.topic,
    queueId: message.queueId ?? 0,
    queueOffset: message.queueOffset ?? 0,
    commitLogOffset: BigInt(message.commitLogOffset ?? 0),
    flag: message.flag ?? 0,
    sysFlag: message.sysFlag ?? 0,
    magic: message.magic ?? 'daa320a7',
    bornTimestamp: message.bornTimestamp ?? 0,
    bornHost: host(message.bornHost),
    storeTimestamp: message.storeTimestamp ?? 0,
    storeHost: host(message.storeHost),
    reconsumeTimes: message.reconsumeTimes ?? 0,
    preparedTransactionOffset: BigInt(message.preparedTransactionOffset ?? 0),
    body: message.plainBody
      ? { length: message.plainBody.length, crc32: message.plainBody.crc32 }
      : { length: body.length, crc32: crc32(body) & 0x7fffffff },
    properties: message.properties ?? {},
  }
}

/** `0000:…:0001#46004` with the address written short. */
function host(text: string): { ip: string; port: number } {
  const [ip = '', port] = text.split('#')
  const short = ip.includes(':') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip
  return { ip: short, port: Number(port) }
}
