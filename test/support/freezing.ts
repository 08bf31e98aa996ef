import type { Connect } from '../../src/core/remoting/index.ts'
import { sleepWith } from '../../src/core/support/clock.ts'
import type { Clock, Timer } from '../../src/core/support/index.ts'
import { faultyConnect } from './fault-transport.ts'

/**
 * The clock and the network of one process that a test can stop, as SIGSTOP does: no timer runs and nothing is received
 * while it is frozen; afterwards time has passed at once, the timers that are due run in their order, and what was
 * received is read.
 */
export class Freezer {
  readonly clock: Clock
  readonly connect: Connect
  readonly #transports: ReturnType<typeof faultyConnect>['transports']
  readonly #late: (() => void)[] = []
  #frozen = false

  constructor(clock: Clock, connect: Connect) {
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, fn) => this.#after(clock, delayMs, fn),
      sleep: (delayMs, options) => sleepWith(this.clock, delayMs, options?.signal),
    }
    const faulty = faultyConnect(connect, clock)
    this.connect = faulty.connect
    this.#transports = faulty.transports
  }

  freeze(): void {
    this.#frozen = true
    for (const { incoming } of this.#transports) incoming.hold()
  }

  thaw(): void {
    this.#frozen = false
    for (const run of this.#late.splice(0)) run()
    for (const { incoming } of this.#transports) incoming.release()
  }

  #after(clock: Clock, delayMs: number, fn: () => void): Timer {
    let isCancelled = false
    const run = (): void => {
      if (isCancelled) return
      if (this.#frozen) this.#late.push(run)
      else fn()
    }
    const timer = clock.after(delayMs, run)
    return {
      cancel: () => {
        isCancelled = true
        timer.cancel()
      },
    }
  }
}
