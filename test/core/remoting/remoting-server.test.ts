import { describe, expect, it } from 'vitest'
import { CommandFlag, command, type RemotingCommand } from '../../../src/core/protocol/index.ts'
import {
  Channel,
  type Connect,
  memoryTransportPair,
  RemotingServer,
  respondTo,
} from '../../../src/core/remoting/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('RemotingServer', () => {
  it('closes its connections with itself, also those that come afterwards', async () => {
    const clock = new VirtualClock()
    const closings: Channel[] = []
    const server = new RemotingServer({
      clock,
      onRequest: () => undefined,
      onClose: (channel) => closings.push(channel),
    })
    const early = server.accept(memoryTransportPair({ client: 'a:1', server: 's:1' }).server)

    await server.close()
    const late = server.accept(memoryTransportPair({ client: 'b:1', server: 's:1' }).server)

    expect([early.closed, late.closed]).toEqual([true, true])
    expect(closings).toEqual([early, late])
  })

  it('answers many clients, each over its own connection', async () => {
    const clock = new VirtualClock()
    const server = new RemotingServer({
      clock,
      onRequest: (request, channel) => {
        channel.send(respondTo(request, command({ code: 0, opaque: 0, remark: channel.remoteAddress })))
      },
      onClose: () => undefined,
    })
    const connect: Connect = (target) => {
      const pair = memoryTransportPair({ client: `${target}-client`, server: target })
      server.accept(pair.server)
      return Promise.resolve(pair.client)
    }
    const answers: RemotingCommand[] = []
    for (const name of ['a:1', 'b:1']) {
      const transport = await connect(name, {})
      const channel = new Channel({
        transport,
        clock,
        address: name,
        onRequest: () => undefined,
        onClose: () => undefined,
      })
      channel.start()
      const request = command({ code: 1, opaque: channel.nextOpaque() })
      answers.push(await channel.request(request, { what: 'ask', timeoutMs: 10 }))
    }

    expect(answers.map(({ remark, flag }) => [remark, flag])).toEqual([
      ['a:1-client', CommandFlag.RESPONSE],
      ['b:1-client', CommandFlag.RESPONSE],
    ])
  })
})
