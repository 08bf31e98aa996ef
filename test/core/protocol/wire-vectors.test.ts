import { describe, expect, it } from 'vitest'
import { signRequest } from '../../../src/core/protocol/acl-signature.ts'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import {
  ackBits,
  decodeRecallHandle,
  encodeFrame,
  encodeRecallHandle,
  formatPopHandle,
  type Language,
  mqVersion,
  parsePopHandle,
  type RemotingCommand,
  type Serialization,
  unwrapNamespace,
  versionName,
  wrapNamespace,
} from '../../../src/core/protocol/index.ts'
import { decodeFrame } from '../../support/commands.ts'
import { plainJson } from '../../support/plain-json.ts'
import { vectors, vectorsOf } from '../../support/wire-vectors.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

it('covers every kind of vector', () => {
  expect([...new Set(vectors.map((vector) => vector.kind))].sort()).toEqual([
    ...['acl', 'batch', 'batchAck', 'crc32', 'fastjson', 'frame', 'message', 'mqVersion', 'msgId', 'namespace'],
    ...['negative', 'popExtraInfo', 'properties', 'pullBody', 'recallHandle', 'tagsHash', 'uniqKey'],
  ])
})

interface FrameVector {
  readonly header: Omit<RemotingCommand, 'extFields' | 'remark' | 'language'> & {
    readonly language: Language
    readonly remark?: string | null
    readonly extFields?: Readonly<Record<string, string>> | null
  }
  readonly body: string
  readonly serialize: Serialization
}

describe.each(vectorsOf<FrameVector>('frame'))('frame $id', ({ hex: text, header, body, serialize }) => {
  const expected: RemotingCommand = {
    code: header.code,
    language: header.language,
    version: header.version,
    opaque: header.opaque,
    flag: header.flag,
    remark: header.remark ?? undefined,
    extFields: new Map(Object.entries(header.extFields ?? {})),
    body: hex(body),
    serialization: serialize,
  }

  it('decodes', () => {
    expect(decodeFrame(hex(text))).toEqual(expected)
  })

  it('encodes to the same bytes, but for an empty object of ext fields', () => {
    const encoded = encodeFrame(expected)

    if (JSON.stringify(header.extFields) === '{}') expect(decodeFrame(encoded)).toEqual(expected)
    else expect(encoded.toString('hex')).toBe(text)
  })
})

describe.each(vectorsOf<{ readonly decodedCode: number }>('negative'))('negative $id', ({ hex: text, decodedCode }) => {
  it('reads as the truncated code, and is never written', () => {
    const decoded = decodeFrame(hex(text))

    expect(decoded.code).toBe(decodedCode)
    expect(() => encodeFrame({ ...decoded, code: 200_050 })).toThrow('does not fit the binary header')
  })
})

interface AclVector {
  readonly secretKey: string
  readonly fields: Readonly<Record<string, string>>
  readonly body?: string
  readonly signature?: string
  readonly signatureWithoutUniqueFlag?: string
}

it.each(vectorsOf<AclVector>('acl'))('$id signs as a broker of every version verifies it', (vector) => {
  const { AccessKey: accessKey = '', SecurityToken: securityToken, ...others } = vector.fields
  const fields = new Map(Object.entries(others))

  signRequest(fields, hex(vector.body ?? ''), { accessKey, secretKey: vector.secretKey, securityToken })

  expect(Object.fromEntries(fields)).toEqual({
    ...vector.fields,
    Signature: vector.signature ?? vector.signatureWithoutUniqueFlag,
  })
})

it.each(vectorsOf<{ readonly text: string; readonly expected: unknown }>('fastjson'))('$id is read', (vector) => {
  expect(withTextIntegers(plainJson(readFastjson(vector.text), (entries) => entries))).toEqual(
    withTextIntegers(vector.expected),
  )
})

/** The vectors write some integers as text, so that no JSON reader rounds them. */
function withTextIntegers(value: unknown): unknown {
  if (typeof value === 'bigint' || Number.isInteger(value)) return String(value)
  if (Array.isArray(value)) return value.map(withTextIntegers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTextIntegers(item)]))
}

interface PopVector {
  readonly text: string
  readonly ckQueueOffset: string
  readonly popTime: string
  readonly invisibleTime: string
  readonly reviveQid: number
  readonly retry: string
  readonly brokerName: string
  readonly queueId: number
  readonly msgQueueOffset: string
}

it.each(vectorsOf<PopVector>('popExtraInfo'))('$id is read and written', (vector) => {
  const handle = parsePopHandle(vector.text)

  expect(handle).toEqual({
    startOffset: Number(vector.ckQueueOffset),
    popTime: Number(vector.popTime),
    invisibleTime: Number(vector.invisibleTime),
    reviveQueueId: vector.reviveQid,
    retry: vector.retry,
    brokerName: vector.brokerName,
    queueId: vector.queueId,
    queueOffset: Number(vector.msgQueueOffset),
  })
  expect(formatPopHandle(handle)).toBe(vector.text)
})

it.each(vectorsOf<{ readonly ackedOffsets: readonly number[]; readonly base64: string }>('batchAck'))(
  '$id',
  (vector) => {
    expect(ackBits(vector.ackedOffsets)).toBe(vector.base64)
    expect(ackBits([...vector.ackedOffsets].reverse())).toBe(vector.base64)
  },
)

it.each(vectorsOf<{ readonly raw: string; readonly handle: string }>('recallHandle'))('$id', ({ raw, handle }) => {
  const [, topic = '', brokerName = '', deliverTime = '', uniqKey = ''] = raw.split(' ')
  const expected = { topic, brokerName, deliverTime: Number(deliverTime), uniqKey }

  expect(decodeRecallHandle(handle)).toEqual(expected)
  expect(encodeRecallHandle(expected)).toBe(handle)
})

interface NamespaceCase {
  readonly ns: string
  readonly in: string
  readonly out: string
}

it.each(vectorsOf<{ readonly cases: readonly NamespaceCase[] }>('namespace').flatMap((vector) => vector.cases))(
  '$in of namespace $ns is $out',
  ({ ns, in: name, out }) => {
    expect(wrapNamespace(ns, name)).toBe(out)
    expect(wrapNamespace(ns, out)).toBe(out)
    expect(wrapNamespace(ns, unwrapNamespace(ns, out))).toBe(out)
  },
)

it.each(
  vectorsOf<{ readonly cases: Readonly<Record<string, number>> }>('mqVersion').flatMap((vector) =>
    Object.entries(vector.cases),
  ),
)('%s has the number %i', (name, ordinal) => {
  if (name === 'HIGHER_VERSION') {
    expect(versionName(ordinal)).toBe('6.0.0 or later')
    return
  }
  expect(mqVersion(name)).toBe(ordinal)
  expect(versionName(ordinal)).toBe(name.slice(1).replace('_SNAPSHOT', '-SNAPSHOT').replaceAll('_', '.'))
})
