import { describe, expect, it } from 'vitest'
import { AbsentMembers } from '../../../../src/core/consumer/rebalance/absent-members.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

function setUp() {
  const clock = new VirtualClock()
  return { clock, absent: new AbsentMembers(clock) }
}

describe('the members of a group after a broker was started again', () => {
  it('are those that were there before, until they are back', () => {
    const { absent } = setUp()
    absent.complete('a:1', ['me', 'you', 'zoe'])
    absent.reconnected('a:1')

    expect(absent.complete('a:1', ['zoe'])).toEqual(['zoe', 'me', 'you'])
    expect(absent.complete('a:1', ['me', 'zoe'])).toEqual(['me', 'zoe', 'you'])
    expect(absent.complete('a:1', ['me', 'you', 'zoe'])).toEqual(['me', 'you', 'zoe'])
    expect(absent.dueInMs).toBeUndefined()
  })

  it('are those that it lists, when the time to reconnect is over', async () => {
    const { clock, absent } = setUp()
    absent.complete('a:1', ['me', 'you'])
    absent.reconnected('a:1')
    absent.complete('a:1', ['me'])
    expect(absent.dueInMs).toBe(10_000)

    await clock.advance(9999)
    expect(absent.complete('a:1', ['me'])).toEqual(['me', 'you'])
    await clock.advance(1)
    expect(absent.dueInMs).toBeUndefined()
    expect(absent.complete('a:1', ['me'])).toEqual(['me'])
  })

  it('do not include one that goes again after it was back', () => {
    const { absent } = setUp()
    absent.complete('a:1', ['me', 'you', 'zoe'])
    absent.reconnected('a:1')
    absent.complete('a:1', ['me', 'you'])

    expect(absent.complete('a:1', ['me'])).toEqual(['me', 'zoe'])
  })

  it('are believed of a broker whose connection stood, and of one that was never asked before', () => {
    const { absent } = setUp()
    absent.reconnected('a:1')
    absent.complete('a:1', ['me', 'you'])
    absent.reconnected('b:1')

    expect(absent.complete('a:1', ['me'])).toEqual(['me'])
  })

  it('include those who came back last when it is started a second time meanwhile', () => {
    const { absent } = setUp()
    absent.complete('a:1', ['me', 'you'])
    absent.reconnected('a:1')
    absent.complete('a:1', ['me'])
    absent.reconnected('a:1')

    expect(absent.complete('a:1', ['me'])).toEqual(['me', 'you'])
  })
})
