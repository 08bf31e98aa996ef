import { describe, expect, it } from 'vitest'
import { MessagePrinter, type MessagePrinterOptions } from '../../../src/cli/consume/message-printer.ts'
import { OutputClosedError } from '../../../src/cli/stdout-writer.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** A sink that takes writes when the test says so. */
class HeldSink {
  readonly written: string[] = []
  #pending: ((error?: Error) => void) | undefined
  readonly sink = (bytes: Buffer, done: (error?: Error | null) => void): void => {
    this.#pending = (error) => {
      this.#pending = undefined
      if (error === undefined) this.written.push(bytes.toString())
      done(error ?? null)
    }
    if (this.open) this.take()
  }
  open = true

  take(error?: Error): void {
    this.#pending?.(error)
  }

  get waiting(): boolean {
    return this.#pending !== undefined
  }
}

function setUp(options: Partial<MessagePrinterOptions> = {}) {
  const clock = new VirtualClock()
  const held = new HeldSink()
  const printer = new MessagePrinter({ sink: held.sink, clock, encoding: 'utf8', readerMayLeave: false, ...options })
  const told: string[] = []
  const print = (name: string, text = `${name}\n`): void => {
    printer.print(text, { acknowledge: (status) => told.push(`${name} ${status}`) })
  }
  return { clock, held, printer, told, print }
}

const epipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

describe('printing', () => {
  it('acknowledges a message only after its line was taken', async () => {
    const { clock, held, print, told } = setUp()
    held.open = false
    print('a')
    await clock.settle()
    expect(held.waiting).toBe(true)
    expect(told).toEqual([])

    held.take()

    expect(told).toEqual(['a CONSUME_SUCCESS'])
    expect(held.written).toEqual(['a\n'])
  })

  it('never acknowledges before the call that prints has returned', () => {
    const { print, told } = setUp()

    print('a')

    expect(told).toEqual([])
  })

  it('writes what comes in one turn, and while a write is under way, together', async () => {
    const { clock, held, print } = setUp()
    held.open = false
    print('a')
    print('b')
    await clock.settle()
    print('c')
    print('d')
    await clock.settle()
    held.take()
    held.take()

    expect(held.written).toEqual(['a\nb\n', 'c\nd\n'])
  })

  it('makes no write larger than the batch', async () => {
    const { clock, held, print } = setUp({ batchLength: 4 })
    for (const name of ['a', 'b', 'c', 'long line', 'd']) print(name)
    await clock.settle()

    expect(held.written).toEqual(['a\nb\n', 'c\n', 'long line\n', 'd\n'])
  })

  it('writes a line each on a terminal', async () => {
    const { clock, held, print } = setUp({ batchLength: 1 })
    print('a')
    print('b')
    await clock.settle()

    expect(held.written).toEqual(['a\n', 'b\n'])
  })

  it('writes bytes when each character is one', async () => {
    const written: Buffer[] = []
    const sink = (bytes: Buffer, done: () => void): void => {
      written.push(bytes)
      done()
    }
    const { clock, printer } = setUp({ sink, encoding: 'latin1' })
    printer.print('\u00ff\u0000')
    await clock.settle()

    expect(written).toEqual([Buffer.from([0xff, 0])])
  })

  it('has no room while a reader stalls, and room again when it reads', async () => {
    const { clock, held, printer } = setUp()
    held.open = false
    printer.print('x'.repeat(70_000))
    await clock.settle()
    printer.print('y'.repeat(70_000))
    expect(printer.full).toBe(true)
    expect(printer.isWriting).toBe(true)
    let room = false
    void printer.room().then(() => {
      room = true
    })
    await clock.advance(60_000)
    expect(room).toBe(false)

    held.take()
    await clock.settle()

    expect(room).toBe(true)
    expect(printer.full).toBe(false)
  })

  it('is drained when everything is acknowledged', async () => {
    const { clock, held, printer, print, told } = setUp()
    held.open = false
    print('a')
    let drained = false
    const done = printer.drained().then(() => {
      drained = true
    })
    await clock.settle()
    expect(drained).toBe(false)

    held.take()
    await done

    expect(told).toEqual(['a CONSUME_SUCCESS'])
    await printer.drained()
  })

  it('leaves everything unfinished that a full disk did not take, and takes nothing after it', async () => {
    const { clock, held, printer, print, told } = setUp()
    held.open = false
    print('a')
    await clock.settle()
    print('b')
    held.take(full)
    await clock.settle()
    print('c')
    await clock.settle()

    expect(told).toEqual(['a LEAVE_UNFINISHED', 'b LEAVE_UNFINISHED', 'c LEAVE_UNFINISHED'])
    expect(printer.broken.aborted).toBe(true)
    expect(printer.broken.reason).toBeInstanceOf(OutputClosedError)
    expect(printer.broken.reason).toMatchObject({
      readerGone: false,
      message: 'cannot write to stdout: ENOSPC: no space left on device, write',
    })
    expect(held.written).toEqual([])
    await printer.room()
    await printer.drained()
  })
})

describe('printing for a reader that may leave', () => {
  it('writes a single line at once, and acknowledges it when the reader had time to leave', async () => {
    const { clock, held, print, told } = setUp({ readerMayLeave: true })
    print('a')
    await clock.settle()
    expect(held.written).toEqual(['a\n'])
    await clock.advance(39)
    expect(told).toEqual([])

    await clock.advance(2)

    expect(told).toEqual(['a CONSUME_SUCCESS'])
  })

  it('keeps the last line back to see whether the reader of the others is still there', async () => {
    const { clock, held, printer, print, told } = setUp({ readerMayLeave: true })
    for (const name of ['a', 'b', 'c']) print(name)
    await clock.settle()
    expect(held.written).toEqual(['a\nb\n'])
    held.open = false
    await clock.advance(40)
    expect(held.waiting).toBe(true)
    expect(told).toEqual([])

    held.take(epipe)

    expect(told).toEqual(['a LEAVE_UNFINISHED', 'b LEAVE_UNFINISHED', 'c LEAVE_UNFINISHED'])
    expect(printer.broken.reason).toMatchObject({ readerGone: true })
  })

  it('acknowledges the others as soon as the last line was taken, and that one after another while', async () => {
    const { clock, print, told } = setUp({ readerMayLeave: true })
    for (const name of ['a', 'b', 'c']) print(name)
    await clock.advance(41)
    expect(told).toEqual(['a CONSUME_SUCCESS', 'b CONSUME_SUCCESS'])

    await clock.advance(41)

    expect(told).toEqual(['a CONSUME_SUCCESS', 'b CONSUME_SUCCESS', 'c CONSUME_SUCCESS'])
  })

  it('acknowledges nothing that was written shortly before the reader was found gone', async () => {
    const { clock, held, print, told } = setUp({ readerMayLeave: true })
    for (let i = 0; i < 10; i++) {
      print(`early ${i}`)
      await clock.advance(10)
    }
    held.open = false
    print('late 1')
    print('late 2')
    await clock.advance(45)
    held.take(epipe)
    await clock.settle()

    const lost = told.filter((line) => line.endsWith('LEAVE_UNFINISHED'))
    expect(told).toHaveLength(12)
    expect(lost).toContain('late 1 LEAVE_UNFINISHED')
    expect(lost).toContain('late 2 LEAVE_UNFINISHED')
    expect(told[0]).toBe('early 0 CONSUME_SUCCESS')
  })

  it('acknowledges at once what has more behind it than a pipe and a reader can hold', async () => {
    const { clock, print, told } = setUp({ readerMayLeave: true })
    const line = `${'x'.repeat(50_000)}\n`
    for (const name of ['a', 'b', 'c', 'd', 'e']) print(name, line)
    await clock.settle()

    expect(told).toEqual(['a CONSUME_SUCCESS'])
  })

  it('is drained when the last line was taken and proven', async () => {
    const { clock, printer, print, told } = setUp({ readerMayLeave: true })
    for (const name of ['a', 'b']) print(name)
    const done = printer.drained()
    await clock.advance(100)
    await done

    expect(told).toEqual(['a CONSUME_SUCCESS', 'b CONSUME_SUCCESS'])
    expect(clock.pending).toBe(0)
  })
})

describe('lines that must not be written by whoever has lost their queue', () => {
  /** Lines about which it is said later whether they may be written. */
  const asking = (all: ReturnType<typeof setUp>) => {
    const decide = new Map<string, (may: boolean) => void>()
    const print = (name: string): void => {
      const may = new Promise<boolean>((resolve) => decide.set(name, resolve))
      all.printer.print(`${name}\n`, {
        acknowledge: (status) => all.told.push(`${name} ${status}`),
        mayPrint: () => may,
      })
    }
    return { print, decide }
  }

  it('are written when it is certain that they may be, and nothing before them', async () => {
    const { clock, held, told, printer, print } = setUp()
    let decide: () => void = () => undefined
    let may: true | Promise<boolean> = new Promise((resolve) => {
      decide = () => {
        may = true
        resolve(true)
      }
    })
    printer.print('a\n', { acknowledge: (status) => told.push(`a ${status}`), mayPrint: () => may })
    print('b')
    await clock.settle()
    print('c')
    await clock.settle()
    expect(held.written).toEqual([])

    decide()
    await printer.drained()

    expect(held.written).toEqual(['a\nb\nc\n'])
    expect(told).toEqual(['a CONSUME_SUCCESS', 'b CONSUME_SUCCESS', 'c CONSUME_SUCCESS'])
  })

  it('are left out, unfinished, and the others are written', async () => {
    const all = setUp()
    const { clock, held, told, printer } = all
    const { print, decide } = asking(all)
    print('a')
    all.print('b')
    print('c')
    await clock.settle()
    decide.get('a')?.(false)
    decide.get('c')?.(false)
    await printer.drained()

    expect(held.written).toEqual(['b\n'])
    expect(told).toEqual(['a LEAVE_UNFINISHED', 'c LEAVE_UNFINISHED', 'b CONSUME_SUCCESS'])
  })

  it('do not keep those before them from being proven to have been read', async () => {
    const all = setUp({ readerMayLeave: true })
    const { clock, told, printer } = all
    const { print, decide } = asking(all)
    all.print('a')
    await clock.settle()
    print('b')
    await clock.advance(200)
    expect(told).toEqual([])

    decide.get('b')?.(false)
    await clock.advance(0)
    await printer.drained()

    expect(told).toEqual(['b LEAVE_UNFINISHED', 'a CONSUME_SUCCESS'])
    expect(clock.pending).toBe(0)
  })
})
