import { describe, expect, it } from 'vitest'
import { BrokerResponseError, ConnectionError, TimeoutError } from '../../../../src/core/errors.ts'
import { ResponseCode, responseName } from '../../../../src/core/protocol/index.ts'
import { startPullLoop } from '../../../support/pull-loop.ts'

function refusal(code: number): BrokerResponseError {
  const operation = { address: '127.0.0.1:10911', operation: 'pullMessage' }
  return new BrokerResponseError({ ...operation, responseCode: code, responseName: responseName(code), remark: '' })
}

describe('PullLoop after a failure', () => {
  it.each([
    ['a broken connection', new ConnectionError('127.0.0.1:10911', 'reset')],
    ['a timeout', new TimeoutError('127.0.0.1:10911', 'pullMessage', 30_000)],
    ['a busy broker', refusal(ResponseCode.SYSTEM_BUSY)],
    ['a topic that is not there', refusal(ResponseCode.TOPIC_NOT_EXIST)],
    ['an error of its own', new TypeError('a fault')],
  ])('asks for the same offset again 1 s after %s', async (_, error) => {
    const { clock, last, asked, told } = startPullLoop()
    await clock.settle()
    await last().fail(error)

    await clock.advance(999)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked).toHaveLength(2)
    expect(last().pull.offset).toBe(5)
    expect(told).toEqual([])
  })

  it('asks again after 20 ms when the broker says to slow down', async () => {
    const { clock, last, asked } = startPullLoop()
    await clock.settle()
    await last().fail(refusal(ResponseCode.FLOW_CONTROL))

    await clock.advance(19)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked).toHaveLength(2)
  })

  it.each([ResponseCode.SUBSCRIPTION_NOT_EXIST, ResponseCode.SUBSCRIPTION_NOT_LATEST])(
    'tells the broker of the subscription before it asks again, after code %i',
    async (code) => {
      const { clock, last, asked, told } = startPullLoop()
      await clock.settle()
      await clock.advance(5)
      await last().fail(refusal(code))

      expect(told).toEqual(['heartbeat at 5'])
      await clock.advance(1000)
      expect(asked.map(({ at }) => at)).toEqual([0, 1005])
    },
  )

  it('does not wait for a heartbeat nobody answers once it is given up', async () => {
    const { clock, last, loop, ended } = startPullLoop({ heartbeat: () => new Promise(() => undefined) })
    await clock.settle()
    await last().fail(refusal(ResponseCode.SUBSCRIPTION_NOT_EXIST))

    loop.stop(new DOMException('given up', 'AbortError'))

    await expect(ended).resolves.toBeUndefined()
  })

  it('does not wait out its pause once it is given up, and leaves no timer', async () => {
    const { clock, last, loop, ended } = startPullLoop()
    await clock.settle()
    await last().fail(new ConnectionError('127.0.0.1:10911', 'reset'))
    expect(clock.pending).toBe(1)

    loop.stop(new DOMException('given up', 'AbortError'))

    await expect(ended).resolves.toBeUndefined()
    expect(clock.pending).toBe(0)
  })
})
