import { describe, expect, it } from 'vitest'
import type { RebalanceOutcome } from '../../../../src/core/consumer/rebalance/rebalance.ts'
import { RebalanceService } from '../../../../src/core/consumer/rebalance/rebalance-service.ts'
import { isAbort } from '../../../../src/core/errors.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

type Pass = (number: number, clock: VirtualClock) => RebalanceOutcome | Promise<RebalanceOutcome>

async function start(pass: Pass = () => 'complete', dueInMs: () => number | undefined = () => undefined) {
  const clock = new VirtualClock()
  const passes: number[] = []
  const service = new RebalanceService({
    clock,
    logger: silentLogger,
    rebalance: async () => {
      passes.push(clock.monotonic())
      return pass(passes.length, clock)
    },
    intervalMs: 20_000,
    dueInMs,
  })
  const stop = new AbortController()
  const ended = service.run(stop.signal).catch((error: unknown) => (isAbort(error) ? 'aborted' : error))
  await clock.settle()
  return { clock, passes, service, stop, ended }
}

const abort = () => new DOMException('closed', 'AbortError')

describe('RebalanceService', () => {
  it('makes the first pass at once and one every 20 s', async () => {
    const { clock, passes, service } = await start()

    await clock.advance(45_000)

    expect(passes).toEqual([0, 20_000, 40_000])
    expect(service.passes).toBe(3)
  })

  it('makes another 1 s after an incomplete one, until one is complete', async () => {
    const { clock, passes, service } = await start((number) => (number < 4 ? 'incomplete' : 'complete'))

    await clock.advance(10_000)

    expect(passes).toEqual([0, 1000, 2000, 3000])
    expect(service.passes).toBe(1)
  })

  it('waits for its interval when there is nothing to hold yet, but does not call that complete', async () => {
    const { clock, passes, service } = await start(() => 'unknown')

    await clock.advance(25_000)

    expect(passes).toEqual([0, 20_000])
    expect(service.passes).toBe(0)
  })

  it('makes one at once when it is woken', async () => {
    const { clock, passes, service } = await start()
    await clock.advance(7000)

    service.wake()
    await clock.settle()

    expect(passes).toEqual([0, 7000])
    await clock.advance(20_000)
    expect(passes).toEqual([0, 7000, 27_000])
  })

  it('makes one more when it is woken during a pass, however often', async () => {
    const { clock, passes, service } = await start(async (number, time) => {
      if (number === 1) await time.sleep(500)
      return 'complete' as const
    })
    service.wake()
    service.wake()
    await clock.advance(500)

    expect(passes).toEqual([0, 500])
    await clock.advance(10_000)
    expect(passes).toHaveLength(2)
  })

  it('goes on after a pass that failed', async () => {
    const { clock, passes, service } = await start((number) => {
      if (number === 1) throw new Error('a fault')
      return 'complete'
    })

    await clock.advance(1000)

    expect(passes).toEqual([0, 1000])
    expect(service.passes).toBe(1)
  })

  it('makes one as soon as what a pass waits for is due', async () => {
    const due: (number | undefined)[] = [500, undefined, 30_000, 2000, undefined]
    const { clock, passes } = await start(
      (number) => (number === 1 ? 'incomplete' : 'complete'),
      () => due.shift(),
    )

    await clock.advance(70_000)

    expect(passes).toEqual([0, 500, 20_500, 40_500, 42_500, 62_500])
  })

  it('ends with its signal while it waits, and leaves no timer', async () => {
    const { clock, stop, ended } = await start()

    stop.abort(abort())

    expect(await ended).toBe('aborted')
    expect(clock.pending).toBe(0)
  })

  it('ends with its signal after the pass that runs', async () => {
    const { clock, passes, stop, ended } = await start(async (_, time) => {
      await time.sleep(500)
      return 'complete' as const
    })
    stop.abort(abort())
    await clock.advance(500)

    expect(await ended).toBe('aborted')
    expect(passes).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})
