import { describe, expect, test } from 'vitest'
import { drainMs, netRateOf, retentionOf } from '../../../../src/core/admin/offsets/outlook.ts'
import type { ClientInstance } from '../../../../src/core/client/index.ts'
import { BrokerResponseError } from '../../../../src/core/errors.ts'

const master = { cluster: 'c', brokerName: 'broker-a', address: 'a:1' }

/** A client whose broker answers so; an error is what it refuses with. */
function clientWith(answer: (operation: string, request: Record<string, string>) => unknown): ClientInstance {
  const invoke = (_address: string, operation: string, request: Record<string, string>) =>
    Promise.resolve().then(() => ({ outcome: 'OK', body: answer(operation, request) }))
  return { remoting: { invoke } } as unknown as ClientInstance
}

const refused = () => {
  throw new BrokerResponseError({
    address: 'a:1',
    operation: 'x',
    responseCode: 1,
    responseName: 'SYSTEM_ERROR',
    remark: 'no',
  })
}

test('a backlog lasts as long as its rate lets it, and for ever when it does not shrink', () => {
  expect(drainMs(300, 100)).toBe(3000)
  expect(drainMs(300, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(drainMs(300, -5)).toBe(Number.POSITIVE_INFINITY)
  expect(drainMs(300, undefined)).toBeUndefined()
})

describe('a broker', () => {
  test('tells how long it keeps messages among its settings', async () => {
    const lines = (text: string) =>
      retentionOf(
        clientWith(() => text),
        master,
        {},
      )

    expect(await lines('a=1\nfileReservedTime=72\nb=2')).toBe(72 * 3_600_000)
    expect(await lines('a=1\nfileReservedTimeX=5\n')).toBeUndefined()
  })

  test('tells rates of the last minute, of which one may be missing', async () => {
    const asked: string[] = []
    const rates = (known: Readonly<Record<string, number>>) =>
      netRateOf(
        clientWith((_operation, { statsName = '', statsKey = '' }) => {
          asked.push(`${statsName} ${statsKey}`)
          const tps = known[statsName]
          return tps === undefined ? refused() : { statsMinute: { tps } }
        }),
        { group: 'g', topic: 't', master },
        {},
      )

    expect(await rates({ GROUP_GET_NUMS: 100, TOPIC_PUT_NUMS: 40 })).toBe(60)
    expect(await rates({ TOPIC_PUT_NUMS: 40 })).toBe(-40)
    expect(await rates({})).toBeUndefined()
    expect(asked.slice(0, 2)).toEqual(['GROUP_GET_NUMS t@g', 'TOPIC_PUT_NUMS t'])
  })

  test('that refuses to tell its settings is no failure', async () => {
    expect(await retentionOf(clientWith(refused), master, {})).toBeUndefined()
  })
})
