import { describe, expect, it } from 'vitest'
import { PopMessage } from '../../../../src/core/consumer/pop/pop-message.ts'
import { ProtocolError } from '../../../../src/core/errors.ts'
import {
  formatPopHandle,
  type Operations,
  operations,
  type ResponseOf,
  readHeader,
  tagSubscription,
} from '../../../../src/core/protocol/index.ts'
import { decodeFrame } from '../../../support/commands.ts'
import { goldenFrames } from '../../../support/fixtures.ts'

type Answer = ResponseOf<Operations['popMessage']>

/** What a real broker of 5.5.0 has answered. */
function golden(id: string): Answer {
  const frame = goldenFrames('5.5.0').find((each) => each.id === id)
  const { code, extFields, body } = decodeFrame(frame!.a!)
  const { outcomes, response } = operations.popMessage
  const outcome = (Object.keys(outcomes) as (keyof typeof outcomes)[]).find((name) => outcomes[name] === code)!
  return { ...readHeader(response, extFields), body, outcome }
}

const asked: { readonly address: string; readonly request: Readonly<Record<string, unknown>> }[] = []

async function pop(answer: Answer, parts: { readonly group?: string; readonly topic?: string } = {}) {
  const pops = new PopMessage({
    group: parts.group ?? 'billing-pop',
    masterOf: (brokerName) => Promise.resolve(brokerName === 'broker-a' ? 'master:1' : undefined),
    remoting: {
      invoke: (address, _name, request) => {
        asked.push({ address, request: request })
        return Promise.resolve(answer as never)
      },
    },
  })
  const topic = parts.topic ?? 'orders2'
  const result = await pops.pop({
    queue: { topic, brokerName: 'broker-a', queueId: -1 },
    subscription: tagSubscription(topic, 'a || b', 1),
    maxMessages: 32,
    invisibleMs: 60_000,
    pollMs: 15_000,
    fromFirst: false,
  })
  return { ...result, handles: result.messages.map(({ handle }) => formatPopHandle(handle)) }
}

describe('a pop', () => {
  it('asks the master, with the broker’s own time as the beginning', async () => {
    await pop(golden('pop-empty'))
    expect(asked.at(-1)).toMatchObject({
      address: 'master:1',
      request: { queueId: -1, bornTime: 0, pollTime: 15_000, initMode: 1, expType: 'TAG', exp: 'a || b' },
    })
  })

  it('makes a handle for each message from what a real broker says beside them', async () => {
    const { status, handles, rest } = await pop(golden('pop-found'))
    expect([status, rest]).toEqual(['FOUND', 0])
    expect(handles).toEqual([0, 1, 2].map((offset) => `0 1795233153610 4000 0 0 broker-a 0 ${offset}`))
  })

  it('takes the handle inside a retried message, which is named as the one it was', async () => {
    const { handles, messages } = await pop(golden('pop-retry'))
    expect(handles).toEqual(['0 1795233160836 4000 3 1 broker-a 0 0'])
    expect([messages[0]?.message.topic, messages[0]?.message.reconsumeTimes]).toEqual(['orders2', 1])
  })

  it('has nothing when there is nothing', async () => {
    expect(await pop(golden('pop-empty'))).toMatchObject({ status: 'EMPTY', messages: [] })
    expect(await pop({ outcome: 'POLLING_FULL' } as Answer)).toMatchObject({ status: 'POLLING_FULL', rest: 0 })
  })

  it('goes by the first message where a broker says nothing of offsets', async () => {
    const { handles } = await pop({ ...golden('pop-found'), startOffsetInfo: '', msgOffsetInfo: '' })
    expect(handles).toEqual([0, 1, 2].map((offset) => `0 1795233153610 4000 0 0 broker-a 0 ${offset}`))
  })

  it.each([
    { startOffsetInfo: '0 7 0' },
    { msgOffsetInfo: '0 0 0,1' },
    { startOffsetInfo: 'nonsense' },
    { msgOffsetInfo: '0 0 1;0 0 2' },
    { msgOffsetInfo: `0 0 ${'9'.repeat(400)}` },
  ])('rejects an answer whose offsets do not fit: %j', async (wrong) => {
    await expect(pop({ ...golden('pop-found'), ...wrong })).rejects.toThrow(ProtocolError)
  })
})
