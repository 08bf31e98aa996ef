import fc from 'fast-check'
import {
  command,
  type HeaderSchema,
  type Host,
  languages,
  MessageSysFlag,
  type RemotingCommand,
  type StoredMessageParts,
} from '../../src/core/protocol/index.ts'
import { formatIp } from '../../src/core/protocol/message/ip.ts'

/** The seed of every property test, so that a run can be repeated. */
export const SEED = 20_251_121

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const int16 = fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
const text = fc.string({ unit: 'binary', maxLength: 20 })
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

/** Names that are easily mistaken for something else. */
const oddName = fc.constantFrom('__proto__', 'constructor', 'toString', 'extFields', '0', '-1', '$ref', '')

/** Any command that the JSON header can carry. */
export const jsonCommand: fc.Arbitrary<RemotingCommand> = fc
  .record({
    code: int32,
    language: fc.constantFrom(...languages),
    version: int32,
    opaque: int32,
    flag: int32,
    remark: fc.option(text, { nil: undefined }),
    extFields: fc.array(fc.tuple(fc.oneof(text, oddName), text), { maxLength: 8 }).map((entries) => new Map(entries)),
    body: bytes(200),
  })
  .map(command)

const notEmpty = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })

/** Any command that the binary header can carry: 16-bit code and version, no empty text. */
export const rocketmqCommand: fc.Arbitrary<RemotingCommand> = fc
  .record({
    code: int16,
    language: fc.constantFrom(...languages),
    version: int16,
    opaque: int32,
    flag: int32,
    remark: fc.option(notEmpty, { nil: undefined }),
    extFields: fc
      .array(fc.tuple(fc.oneof(notEmpty, oddName), notEmpty), { maxLength: 8 })
      .map((entries) => new Map(entries)),
    body: bytes(200),
  })
  .map((parts) => command({ ...parts, serialization: 'ROCKETMQ' }))

const safeInteger = fc.maxSafeInteger()
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

const valueOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text,
  bool: fc.boolean(),
  int: int32,
  long: safeInteger,
  int64,
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
}

/** Any header of a schema. */
export function headerOf(schema: HeaderSchema): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const required: string[] = []
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  for (const [name, field] of Object.entries(schema)) {
    fields[name] = valueOf[field.type] ?? fc.constantFrom(...field.type.split(' | '))
    if (!field.optional) required.push(name)
  }
  return fc.record(fields, { requiredKeys: required })
}

/** Any properties that can be transported. */
export const properties: fc.Arbitrary<ReadonlyMap<string, string>> = fc
  .array(fc.tuple(notEmpty, notEmpty), { maxLength: 6 })
  .map((entries) => new Map(entries.filter((entry) => !/[\u0001\u0002]/.test(entry.join('')))))

/** Any host of a message, IPv4 or IPv6, its address in the form we print. */
const host: fc.Arbitrary<Host> = fc.record({
  ip: fc
    .oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc
        .array(fc.constantFrom(0, 0, 0, 1, 16, 255), { minLength: 16, maxLength: 16 })
        .map((array) => Uint8Array.from(array)),
    )
    .map((array) => formatIp(Buffer.from(array))),
  port: fc.integer({ min: 0, max: 65_535 }),
})

/** Any stored message whose body is not compressed; `topic` may be long, which makes it a V2 record. */
export function storedMessage(topic: fc.Arbitrary<string>): fc.Arbitrary<StoredMessageParts> {
  return fc.record({
    queueId: int32,
    flag: int32,
    queueOffset: safeInteger,
    physicalOffset: int64,
    sysFlag: fc.constantFrom(0, MessageSysFlag.MULTI_TAGS, MessageSysFlag.TRANSACTION_COMMIT),
    bornTimestamp: safeInteger,
    bornHost: host,
    storeTimestamp: safeInteger,
    storeHost: host,
    reconsumeTimes: int32,
    preparedTransactionOffset: int64,
    body: bytes(300),
    topic,
    properties: fc.string({ unit: 'grapheme', maxLength: 200 }),
  })
}
