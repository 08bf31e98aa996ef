import { describe, expect, it } from 'vitest'
import { Journal } from '../../../../src/core/broker/store/journal.ts'
import type { Write } from '../../../../src/core/broker/store/key-value-store.ts'
import { StorageError } from '../../../../src/core/errors.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { ControlledStore } from './controlled-store.ts'

function newJournal() {
  const clock = new VirtualClock()
  const store = new ControlledStore()
  const fatal: Error[] = []
  const journal = new Journal({ store, clock, onFatal: (error) => fatal.push(error) })
  return { clock, store, fatal, journal }
}

const put = (key: string, value = 'x'): Write => ({ table: 'config', key: Buffer.from(key), value: Buffer.from(value) })

describe('Journal', () => {
  it('commits what one turn asks for together', async () => {
    const { journal, store } = newJournal()

    await Promise.all([journal.write([put('a')]), journal.write([put('b'), put('c')]), journal.write([put('d')])])

    expect(store.commits).toEqual([4])
  })

  it('gathers what comes while a commit runs into the next one', async () => {
    const { journal, store, clock } = newJournal()
    store.held = true
    const first = journal.write([put('a')])
    await clock.settle()
    const others = [journal.write([put('b')]), journal.write([put('c')])]
    await clock.settle()
    expect(store.commits).toEqual([1])

    store.held = false
    store.release()
    await Promise.all([first, ...others])

    expect(store.commits).toEqual([1, 2])
  })

  it('tells of durability in the order of the calls, not before the commit, and before any promise', async () => {
    const { journal, store, clock } = newJournal()
    const steps: string[] = []
    store.held = true
    const writes = ['a', 'b'].map((name) =>
      journal
        .write([put(name)], () => {
          steps.push(`${name} durable ${store.get('config', Buffer.from(name))?.toString()}`)
        })
        .then(() => steps.push(`${name} resolved`)),
    )
    await clock.settle()
    expect(steps).toEqual([])

    store.release()
    await Promise.all(writes)

    expect(steps).toEqual(['a durable x', 'b durable x', 'a resolved', 'b resolved'])
  })

  it('lets lazy writes ride on the next commit, the last of a name only', async () => {
    const { journal, store, clock } = newJournal()
    journal.writeLazily('o', put('o', '1'))
    journal.writeLazily('o', put('o', '2'))
    await clock.advance(100)
    expect(store.commits).toEqual([])

    await journal.write([put('a')])

    expect(store.commits).toEqual([2])
    expect(store.get('config', Buffer.from('o'))?.toString()).toBe('2')
    await clock.advance(1000)
    expect(store.commits).toEqual([2])
  })

  it('writes lazy writes 200 ms later when nothing else comes', async () => {
    const { journal, store, clock } = newJournal()
    journal.writeLazily('o', put('o'))

    await clock.advance(199)
    expect(store.commits).toEqual([])
    await clock.advance(1)

    expect(store.commits).toEqual([1])
  })

  it('refuses everything after a failed commit and says so once', async () => {
    const { journal, store, clock, fatal } = newJournal()
    store.held = true
    store.failure = new Error('no space left on device')
    let durable = 0
    const onDurable = () => {
      durable += 1
    }
    const first = expect(journal.write([put('a')], onDurable)).rejects.toThrow(StorageError)
    await clock.settle()
    const second = expect(journal.write([put('b')], onDurable)).rejects.toThrow('cannot write to its store')
    store.release()
    await Promise.all([first, second])
    store.failure = undefined
    store.held = false

    await expect(journal.write([put('c')], onDurable)).rejects.toThrow(StorageError)
    journal.writeLazily('o', put('o'))
    await clock.advance(1000)

    expect(store.commits).toEqual([1])
    expect(durable).toBe(0)
    expect(fatal.map((error) => (error.cause as Error).message)).toEqual(['no space left on device'])
  })

  it('writes everything before it closes, and nothing afterwards', async () => {
    const { journal, store, clock } = newJournal()
    journal.writeLazily('o', put('o'))
    const write = journal.write([put('a')])

    await journal.close()
    await write

    expect(store.commits).toEqual([2])
    expect(store.closed).toBe(1)
    expect(clock.pending).toBe(0)
    await expect(journal.write([put('b')])).rejects.toThrow('the store is closed')
  })

  it('closes the store also after a failure', async () => {
    const { journal, store } = newJournal()
    store.failure = new Error('broken')
    await expect(journal.write([put('a')])).rejects.toThrow(StorageError)

    await journal.close()

    expect(store.closed).toBe(1)
  })
})
