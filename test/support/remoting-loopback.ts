import { command, type RemotingCommand } from '../../src/core/protocol/index.ts'
import { Channel, type Connect, RemotingServer, respondTo } from '../../src/core/remoting/index.ts'
import { systemClock } from '../../src/core/support/index.ts'

/** A server that answers every request with its own body, and notes who asked in the remark. */
export function echoServer(): RemotingServer {
  return new RemotingServer({
    clock: systemClock,
    onRequest: (request, channel) => {
      const answer = command({ code: 0, opaque: 0, body: request.body, remark: channel.remoteAddress })
      channel.send(respondTo(request, answer))
    },
    onClose: () => undefined,
  })
}

/** Connects and returns a way to ask, on the machine's clock. */
export async function openChannel(
  connect: Connect,
  address: string,
  onClose: (error?: Error) => void = () => undefined,
) {
  const channel = new Channel({
    transport: await connect(address, {}),
    clock: systemClock,
    address,
    onRequest: () => undefined,
    onClose: (_, error) => {
      onClose(error)
    },
  })
  channel.start()
  const ask = (body: Buffer): Promise<RemotingCommand> =>
    channel.request(command({ code: 1, opaque: channel.nextOpaque(), body }), { what: 'echo', timeoutMs: 10_000 })
  return { channel, ask }
}
