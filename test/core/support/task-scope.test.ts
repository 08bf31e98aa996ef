import { describe, expect, it } from 'vitest'
import { TaskScope } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function newScope() {
  const clock = new VirtualClock()
  const errors: string[] = []
  const scope = new TaskScope({
    clock,
    onError: (error, task) => errors.push(`${task}: ${error instanceof Error ? error.message : String(error)}`),
  })
  return { clock, errors, scope }
}

describe('TaskScope', () => {
  it('closes only when every task has ended, and may be closed twice', async () => {
    const { clock, errors, scope } = newScope()
    const steps: string[] = []
    scope.run('loop', async (signal) => {
      try {
        await clock.sleep(1000, { signal })
      } finally {
        await Promise.resolve()
        steps.push('cleaned up')
      }
    })

    await Promise.all([scope.close(), scope.close()])

    expect(steps).toEqual(['cleaned up'])
    expect(errors).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('waits for a task that another task starts while the scope is closing', async () => {
    const { clock, scope } = newScope()
    let started = false
    scope.run('parent', async () => {
      await clock.sleep(10)
      scope.run('child', async () => {
        started = true
      })
    })

    const closing = scope.close()
    await clock.advance(10)
    await closing

    expect(started).toBe(false)
  })

  it('starts nothing once it is closed', async () => {
    const { scope } = newScope()
    await scope.close()
    let ran = false

    scope.run('late', async () => {
      ran = true
    })
    await scope.close()

    expect(ran).toBe(false)
    expect(scope.signal.aborted).toBe(true)
  })

  it('hands an escaped error to its owner with the name of the task, also a synchronous one', async () => {
    const { clock, errors, scope } = newScope()
    scope.run('broken', async () => {
      await clock.sleep(1)
      throw new Error('lost')
    })
    scope.run('thrown', () => {
      throw new Error('at once')
    })

    await clock.advance(1)
    await scope.close()

    expect(errors).toEqual(['thrown: at once', 'broken: lost'])
  })

  it('reports an abort of something else while it is open', async () => {
    const { clock, errors, scope } = newScope()
    scope.run('part', async () => {
      throw new DOMException('given up', 'AbortError')
    })

    await clock.settle()

    expect(errors).toEqual(['part: given up'])
    await scope.close()
  })

  it('repeats a periodic task after each run has ended, and goes on after a failure', async () => {
    const { clock, errors, scope } = newScope()
    const started: number[] = []
    scope.every(
      'poll',
      100,
      async () => {
        started.push(clock.monotonic())
        await clock.sleep(30)
        if (started.length === 2) throw new Error('once')
      },
      { firstMs: 5 },
    )

    await clock.advance(430)
    await scope.close()

    expect(started).toEqual([5, 135, 265, 395])
    expect(errors).toEqual(['poll: once'])
  })

  it('does not run a periodic task again when it is closed during its run', async () => {
    const { clock, errors, scope } = newScope()
    let runs = 0
    scope.every('poll', 10, async (signal) => {
      runs += 1
      await clock.sleep(1000, { signal })
    })
    await clock.advance(10)

    await scope.close()
    await clock.advance(5000)

    expect(runs).toBe(1)
    expect(errors).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
