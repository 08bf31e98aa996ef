import { FrameDecoder, type RemotingCommand } from '../../src/core/protocol/index.ts'

/** All commands of a byte stream that ends between two frames. */
export function decodeFrames(bytes: Buffer): readonly RemotingCommand[] {
  const commands: RemotingCommand[] = []
  const decoder = new FrameDecoder((command) => commands.push(command))
  decoder.push(bytes)
  if (!decoder.idle) throw new Error('the bytes end inside a frame')
  return commands
}

/** The command of exactly one frame. */
export function decodeFrame(bytes: Buffer): RemotingCommand {
  const [command, ...more] = decodeFrames(bytes)
  if (!command || more.length > 0) throw new Error(`expected one frame, got ${command ? more.length + 1 : 0}`)
  return command
}
