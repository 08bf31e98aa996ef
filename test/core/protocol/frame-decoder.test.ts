import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import {
  command,
  encodeFrame,
  FrameDecoder,
  MAX_FRAME_BYTES,
  MAX_HEADER_BYTES,
  type RemotingCommand,
} from '../../../src/core/protocol/index.ts'
import { jsonCommand, rocketmqCommand, SEED } from '../../support/arbitraries.ts'
import { decodeFrames } from '../../support/commands.ts'
import { goldenFrames } from '../../support/fixtures.ts'

/** Pushes chunks as a socket does: all through the same memory, which is something else afterwards. */
function decodeChunks(chunks: Iterable<Buffer>): RemotingCommand[] {
  const commands: RemotingCommand[] = []
  const decoder = new FrameDecoder((received) => commands.push(received))
  const memory = Buffer.alloc(4096)
  for (const chunk of chunks) {
    decoder.push(memory.subarray(0, chunk.copy(memory)))
    memory.fill(0xee)
  }
  expect(decoder.idle).toBe(true)
  return commands
}

/** Everything commands say; quicker to compare than the commands. */
function textOf(commands: readonly RemotingCommand[]): string {
  return JSON.stringify(commands.map((received) => ({ ...received, extFields: [...received.extFields] })))
}

const golden = goldenFrames('4.9.7')
const stream = Buffer.concat(
  ['route-binary', 'pull-found-binary', 'notify-ids-changed', 'kv-get', 'route-unknown'].flatMap((id) => {
    const frame = golden.find((candidate) => candidate.id === id)!
    return frame.a ? [frame.q, frame.a] : [frame.q]
  }),
)
const expected = decodeFrames(stream)

describe('FrameDecoder', () => {
  it('gives the same commands wherever the stream is cut in two', () => {
    expect(expected).toHaveLength(9)
    const wanted = textOf(expected)
    for (let cut = 1; cut < stream.length; cut++) {
      expect(textOf(decodeChunks([stream.subarray(0, cut), stream.subarray(cut)]))).toBe(wanted)
    }
  })

  it('gives the same commands byte by byte', () => {
    expect(decodeChunks(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(expected)
  })

  it('gives the same commands in chunks of any size', () => {
    const commands = fc.array(fc.oneof(jsonCommand, rocketmqCommand), { minLength: 1, maxLength: 6 })
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(commands, sizes, (sent, chunkSizes) => {
        const bytes = Buffer.concat(sent.map(encodeFrame))
        const chunks: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = (chunkSizes[turn % chunkSizes.length] ?? 0) + (turn % 20 === 19 ? 1 : 0)
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(decodeChunks(chunks)).toEqual(sent)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('knows whether it stands between two frames', () => {
    const decoder = new FrameDecoder(() => undefined)
    const frame = encodeFrame(command({ code: 1, opaque: 1, body: Buffer.from('body') }))
    expect(decoder.idle).toBe(true)
    for (const byte of frame.subarray(0, -1)) {
      decoder.push(Buffer.from([byte]))
      expect(decoder.idle).toBe(false)
    }

    decoder.push(frame.subarray(-1))

    expect(decoder.idle).toBe(true)
  })

  it.each([
    ['8 GiB, as far as 32 bits say it', 0xffffffff, 0],
    ['a negative length', 0x80000000, 0],
    ['3 bytes', 3, 0],
    ['one byte more than peers accept', MAX_FRAME_BYTES - 3, 10],
    ['a header longer than the frame', 100, 97],
    ['a header longer than any real one', MAX_FRAME_BYTES - 4, MAX_HEADER_BYTES + 1],
    ['an unknown serialization', 100, 0x02000010],
  ])('refuses a frame of %s before it takes memory for it', (_, length, word) => {
    const prefix = Buffer.alloc(8)
    prefix.writeUInt32BE(length, 0)
    prefix.writeUInt32BE(word, 4)
    const before = process.memoryUsage().arrayBuffers

    expect(() => {
      new FrameDecoder(() => undefined).push(prefix)
    }).toThrow(ProtocolError)
    expect(() => decodeChunks(Array.from(prefix, (byte) => Buffer.from([byte])))).toThrow(ProtocolError)

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  })

  it('takes the longest frame there is', () => {
    const empty = encodeFrame(command({ code: 1, opaque: 1 }))
    const body = Buffer.alloc(MAX_FRAME_BYTES - empty.length, 7)
    const frame = encodeFrame(command({ code: 1, opaque: 1, body }))
    expect(frame).toHaveLength(MAX_FRAME_BYTES)

    expect(decodeFrames(frame)[0]?.body.equals(body)).toBe(true)
  })

  it('keeps to a smaller limit of its owner', () => {
    const frame = encodeFrame(command({ code: 1, opaque: 1, body: Buffer.alloc(2000) }))
    const decoder = new FrameDecoder(() => undefined, { maxBytes: 1024 })

    expect(() => {
      decoder.push(frame)
    }).toThrow('between 4 and 1020 are allowed')
  })

  it('refuses a frame without a header', () => {
    for (const serialization of [0, 1]) {
      const frame = Buffer.from([0, 0, 0, 4, serialization, 0, 0, 0])
      const decoder = new FrameDecoder(() => undefined)
      expect(() => {
        decoder.push(Buffer.concat([frame, frame]))
      }).toThrow(ProtocolError)
    }
  })
})
