import type { ClientOptions } from '../../../src/core/client/index.ts'
import { encodeFrame, FrameDecoder, mqVersion, type RemotingCommand } from '../../../src/core/protocol/index.ts'
import { type Connect, tcpConnect } from '../../../src/core/remoting/index.ts'
import { systemClock } from '../../../src/core/support/index.ts'

/** A client whose host's clock is not ours. */
export function clockOffBy(offMs: number): Partial<ClientOptions> {
  return { clock: { ...systemClock, now: () => systemClock.now() + offMs } }
}

/** A client that tells brokers it is a Java one of some release. */
export function javaClientOf(release: string): Partial<ClientOptions> {
  const version = mqVersion(release)
  if (version === undefined) throw new Error(`there is no release ${release}`)
  return { connect: rewriting((command) => ({ ...command, language: 'JAVA', version })) }
}

/** Connections by TCP on which every command sent is another one. */
function rewriting(change: (command: RemotingCommand) => RemotingCommand): Connect {
  const connect = tcpConnect()
  return async (address, options) => {
    const transport = await connect(address, options)
    const decoder = new FrameDecoder((command) => transport.write([encodeFrame(change(command))]))
    return {
      remoteAddress: transport.remoteAddress,
      localAddress: transport.localAddress,
      start: (handlers) => transport.start(handlers),
      write: (bytes) => bytes.forEach((chunk) => decoder.push(chunk)),
      end: () => transport.end(),
      destroy: () => transport.destroy(),
    }
  }
}
