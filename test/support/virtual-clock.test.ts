import { describe, expect, it } from 'vitest'
import { EPOCH_MS, VirtualClock } from './virtual-clock.ts'

describe('VirtualClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = new VirtualClock()
    expect([clock.now(), clock.monotonic()]).toEqual([EPOCH_MS, 0])

    await clock.advance(1500)

    expect([clock.now(), clock.monotonic()]).toEqual([EPOCH_MS + 1500, 1500])
  })

  it('runs due timers by time, then in the order they were set, and leaves later ones', async () => {
    const clock = new VirtualClock()
    const ran: string[] = []
    const set = (delayMs: number, name: string) => clock.after(delayMs, () => ran.push(`${name}@${clock.monotonic()}`))
    set(20, 'late')
    set(10, 'first')
    set(10, 'second')
    set(-5, 'overdue')
    set(21, 'not yet')

    await clock.advance(20)

    expect(ran).toEqual(['overdue@0', 'first@10', 'second@10', 'late@20'])
    expect(clock.pending).toBe(1)
  })

  it('does not run a timer that was cancelled, even by one due at the same time', async () => {
    const clock = new VirtualClock()
    const ran: string[] = []
    clock.after(10, () => {
      second.cancel()
      second.cancel()
    })
    const second = clock.after(10, () => ran.push('second'))

    await clock.advance(100)

    expect(ran).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('lets promise chains settle between timers, so that they can set more within one advance', async () => {
    const clock = new VirtualClock()
    const woke: number[] = []
    const loop = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(10)
        await Promise.resolve().then(() => Promise.resolve())
        woke.push(clock.monotonic())
      }
    }
    const done = loop()

    await clock.advance(35)
    await done

    expect(woke).toEqual([10, 20, 30])
  })

  it('refuses a second advance while one is running, and passes a failing timer on', async () => {
    const clock = new VirtualClock()
    const running = clock.advance(1)
    await expect(clock.advance(1)).rejects.toThrow('already running')
    await running

    clock.after(1, () => {
      throw new Error('from a timer')
    })
    await expect(clock.advance(1)).rejects.toThrow('from a timer')
    await clock.advance(1)
    expect(clock.pending).toBe(0)
  })
})
