import { ProtocolError } from '../errors.ts'
import { readJsonHeader, writeJsonHeader } from './json-header.ts'
import { noBody, type RemotingCommand, type Serialization } from './remoting-command.ts'
import { readRocketmqHeader, writeRocketmqHeader } from './rocketmq-header.ts'

// i32 length of what follows | u8 serialization, u24 headerLength | header | body

/** The longest frame Java peers accept, its own length field included (`NettyDecoder.java`). */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024

/**
 * The longest header we read or write. Java has no such limit; the longest real ones are answers to a batch of small
 * messages, which name each of them (33 bytes). Parsing JSON takes many times its size, so a header must stay below a frame.
 */
export const MAX_HEADER_BYTES = 4 * 1024 * 1024

/** The length field and the word after it. */
export const PREFIX_BYTES = 8

const serializations: readonly Serialization[] = ['JSON', 'ROCKETMQ']

/** A command as it travels. Throws {@link ProtocolError} when it is longer than any peer accepts. */
export function encodeFrame(command: RemotingCommand): Buffer {
  const header = command.serialization === 'JSON' ? writeJsonHeader(command) : writeRocketmqHeader(command)
  if (header.length > MAX_HEADER_BYTES) throw new ProtocolError(`a header of ${header.length} bytes is too long`)
  const size = PREFIX_BYTES + header.length + command.body.length
  if (size > MAX_FRAME_BYTES) throw new ProtocolError(`a frame of ${size} bytes is longer than ${MAX_FRAME_BYTES}`)
  const frame = Buffer.allocUnsafe(size)
  frame.writeInt32BE(size - 4, 0)
  frame.writeUInt32BE(header.length, 4)
  frame[4] = serializations.indexOf(command.serialization)
  frame.set(header, PREFIX_BYTES)
  frame.set(command.body, PREFIX_BYTES + header.length)
  return frame
}

/** The lengths a frame announces. */
export interface FrameShape {
  readonly serialization: Serialization
  readonly headerBytes: number
  readonly bodyBytes: number
}

/** Reads the first 8 bytes of a frame. Nothing may be allocated before this has agreed. */
export function readPrefix(prefix: Buffer, at: number, maxBytes: number): FrameShape {
  const length = prefix.readInt32BE(at)
  if (length < 4 || length > maxBytes - 4) {
    throw new ProtocolError(`a frame announces ${length} bytes; between 4 and ${maxBytes - 4} are allowed`)
  }
  const headerBytes = prefix.readUIntBE(at + 5, 3)
  if (headerBytes > length - 4 || headerBytes > MAX_HEADER_BYTES) {
    throw new ProtocolError(`a frame of ${length} bytes announces a header of ${headerBytes}`)
  }
  const serialization = serializations[prefix.readUInt8(at + 4)]
  if (serialization === undefined) throw new ProtocolError(`unknown header serialization ${prefix[at + 4] ?? ''}`)
  return { serialization, headerBytes, bodyBytes: length - 4 - headerBytes }
}

/** Puts a command together from its parts; `header` may be a view of a buffer that is reused afterwards. */
export function decodeCommand(serialization: Serialization, header: Buffer, body: Buffer): RemotingCommand {
  const read = serialization === 'JSON' ? readJsonHeader(header) : readRocketmqHeader(header)
  return { ...read, body: body.length === 0 ? noBody : body, serialization }
}
