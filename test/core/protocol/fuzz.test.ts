import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import {
  type Compression,
  decodeBatch,
  decodeMessages,
  decodeOffsetMessageId,
  decodeProperties,
  decodeRecallHandle,
  decompress,
  FrameDecoder,
  MAX_DECOMPRESSED_BYTES,
  MAX_FRAME_BYTES,
  MessageExt,
  type Operation,
  operations,
  parsePopHandle,
  type RemotingCommand,
  readHeader,
} from '../../../src/core/protocol/index.ts'
import { checkRecord } from '../../../src/core/protocol/message/stored-message.ts'
import { decodeFrame } from '../../support/commands.ts'
import { cpuMilliseconds } from '../../support/cpu-time.ts'
import { fixtureText, goldenFrames, goldenVersions } from '../../support/fixtures.ts'
import { mutate, SeededRandom } from '../../support/fuzz.ts'

// Bounded and the same in every run: the seed is fixed. A longer hunt: raise ROUNDS or change the seed.
const ROUNDS = 3000
const SEED = 5_113

const frames = goldenVersions.flatMap((version) => goldenFrames(version).flatMap(({ q, a }) => (a ? [q, a] : [q])))
const commands = frames.map(decodeFrame)
const table: readonly Operation[] = Object.values(operations)

let largest = 0
let slowest = 0

beforeEach(() => {
  largest = 0
  slowest = 0
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const spy = vi.spyOn(Buffer, name)
    const real = spy.getMockImplementation()
    spy.mockImplementation((size: number) => {
      largest = Math.max(largest, size)
      return real?.(size) ?? Buffer.from(new ArrayBuffer(size))
    })
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a reader on hostile input: it may succeed or throw a ProtocolError, and how long it took is noted. */
function survive(read: () => unknown): boolean {
  const started = cpuMilliseconds()
  try {
    read()
    return true
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return false
  } finally {
    slowest = Math.max(slowest, cpuMilliseconds() - started)
  }
}

/** Reads a command in every way the table of operations offers. */
function readByTable(command: RemotingCommand): void {
  for (const operation of table) {
    if (operation.code !== command.code) continue
    survive(() => readHeader(operation.request, command.extFields))
    survive(() => readHeader(operation.response, command.extFields))
    survive(() => operation.requestBody?.read(command.body))
    survive(() => operation.responseBody?.read(command.body))
  }
}

/** Everything a message can be asked. */
function readMessage(message: MessageExt): void {
  for (const name of Object.getOwnPropertyNames(MessageExt.prototype)) {
    survive(() => Reflect.get(message, name) as unknown)
  }
  survive(() => message.copy().body)
}

describe('hostile bytes', () => {
  it('in a stream of frames cause nothing but a ProtocolError', () => {
    const random = new SeededRandom(SEED)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = round % 10 === 0 ? random.bytes(random.below(300)) : mutate(random.pick(frames), random)
      const decoder = new FrameDecoder((command) => {
        accepted += 1
        readByTable(command)
      })
      survive(() => {
        for (let at = 0; at < bytes.length; ) {
          const size = 1 + random.below(400)
          decoder.push(bytes.subarray(at, at + size))
          at += size
        }
      })
    }

    expect(accepted).toBeGreaterThan(ROUNDS / 20)
    expect(largest).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(slowest).toBeLessThan(2000)
  })

  it('in a body of messages cause nothing but a ProtocolError, whatever the message is asked', () => {
    const bodies = commands
      .filter(({ code, body }) => [0, 39, 309].includes(code) && isRecord(body))
      .map(({ body }) => body)
    const random = new SeededRandom(SEED + 1)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = round % 10 === 0 ? random.bytes(random.below(300)) : mutate(random.pick(bodies), random)
      survive(() => {
        for (const message of decodeMessages(bytes)) {
          accepted += 1
          readMessage(message)
        }
      })
      survive(() => decodeBatch(bytes))
    }

    expect(bodies.length).toBeGreaterThan(50)
    expect(accepted).toBeGreaterThan(ROUNDS / 20)
    expect(largest).toBeLessThanOrEqual(MAX_DECOMPRESSED_BYTES)
    expect(slowest).toBeLessThan(2000)
  })

  it('in a JSON body cause nothing but a ProtocolError, in every shape it may be read', () => {
    const bodies = commands.filter(({ body }) => body[0] === 0x7b).map(({ body }) => body)
    const readers = [...new Set(table.flatMap(({ requestBody, responseBody }) => [requestBody, responseBody]))].filter(
      (body) => body?.type === 'JSON',
    )
    const random = new SeededRandom(SEED + 2)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutate(random.pick(bodies), random)
      if (!survive(() => readFastjson(bytes.toString()))) continue
      accepted += 1
      for (const reader of readers) survive(() => reader?.read(bytes))
    }

    expect(bodies.length).toBeGreaterThan(100)
    expect(readers.length).toBeGreaterThan(10)
    expect(accepted).toBeGreaterThan(ROUNDS / 20)
    expect(slowest).toBeLessThan(2000)
  })

  it('in a compressed body cause nothing but a ProtocolError, and never more than the limit', () => {
    const { bodies } = JSON.parse(fixtureText('compressed.json')) as {
      readonly bodies: Readonly<Record<string, { readonly frames: Readonly<Record<string, string>> }>>
    }
    const compressed = Object.values(bodies).flatMap((body) =>
      Object.entries(body.frames).map(([tool, base64]) => ({
        compression: tool.split(' ')[0] as Compression,
        bytes: Buffer.from(base64, 'base64'),
      })),
    )
    const limit = 1024 * 1024
    const random = new SeededRandom(SEED + 3)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { compression, bytes } = random.pick(compressed)
      const damaged = mutate(bytes.length > 4000 ? bytes.subarray(0, 4000) : bytes, random)
      const expand = (): void => {
        expect(decompress(damaged, compression, limit).length).toBeLessThanOrEqual(limit)
      }
      if (survive(expand)) accepted += 1
    }

    expect(accepted).toBeGreaterThan(ROUNDS / 20)
    expect(largest).toBeLessThanOrEqual(limit)
    expect(slowest).toBeLessThan(2000)
  })

  it('in ids, handles and properties cause nothing but a ProtocolError', () => {
    const seeds = [
      '0A00000100002A9F000000000001E240',
      '100 1700000000000 60000 3 0 broker-a 1 109',
      'A\u0001b\u0002',
      'djEgVCBiIDEgaw==',
    ]
    const random = new SeededRandom(SEED + 4)
    for (let round = 0; round < ROUNDS; round++) {
      const text = mutate(Buffer.from(random.pick(seeds)), random).toString()
      for (const read of [decodeOffsetMessageId, parsePopHandle, decodeProperties, decodeRecallHandle]) {
        survive(() => read(text))
      }
    }

    expect(slowest).toBeLessThan(500)
  })
})

function isRecord(body: Buffer): boolean {
  return survive(() => checkRecord(body, 0))
}
