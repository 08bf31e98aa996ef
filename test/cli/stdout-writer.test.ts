import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ByteSink, fileSink, OutputClosedError, StdoutWriter } from '../../src/cli/stdout-writer.ts'

/** A sink that finishes a write when the test says so. */
class HeldSink {
  readonly writes: string[] = []
  #done: ((error?: Error | null) => void)[] = []
  readonly sink: ByteSink = (bytes, done) => {
    this.writes.push(bytes.toString())
    this.#done.push(done)
  }
  finish(error?: Error): void {
    this.#done.shift()?.(error)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function watched(promise: Promise<void>): { state: string } {
  const seen = { state: 'waiting' }
  promise.then(
    () => (seen.state = 'written'),
    (error: unknown) => (seen.state = error instanceof Error ? error.name : 'failed'),
  )
  return seen
}

describe('lines', () => {
  test('of one turn go out in one write, and are told as written when it is done', async () => {
    const held = new HeldSink()
    const writer = new StdoutWriter(held.sink)

    const first = watched(writer.write('1\n'))
    const second = watched(writer.write('2\n'))
    await turn()
    expect(held.writes).toEqual(['1\n2\n'])
    expect([first.state, second.state]).toEqual(['waiting', 'waiting'])
    held.finish()
    await turn()

    expect([first.state, second.state]).toEqual(['written', 'written'])
  })

  test('that come while a write is under way wait for it, and then go out together', async () => {
    const held = new HeldSink()
    const writer = new StdoutWriter(held.sink)

    void writer.write('1\n')
    await turn()
    const second = watched(writer.write('2\n'))
    await turn()
    void writer.write('3\n')
    await turn()
    expect(held.writes).toEqual(['1\n'])
    held.finish()

    expect(held.writes).toEqual(['1\n', '2\n3\n'])
    expect(second.state).toBe('waiting')
  })

  test('of 64 KiB are not held back until the turn ends', () => {
    const held = new HeldSink()
    const writer = new StdoutWriter(held.sink)

    void writer.write('x'.repeat(64 * 1024))

    expect(held.writes).toHaveLength(1)
  })

  test('that wait behind a slow reader fill the writer', async () => {
    const held = new HeldSink()
    const writer = new StdoutWriter(held.sink)

    void writer.write('1\n')
    await turn()
    expect(writer.full).toBe(false)
    void writer.write('x'.repeat(64 * 1024))

    expect(writer.full).toBe(true)
  })
})

describe('a reader that has gone', () => {
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })

  test('fails every line that may not have been read, and all later ones', async () => {
    const held = new HeldSink()
    const writer = new StdoutWriter(held.sink)

    const first = watched(writer.write('1\n'))
    await turn()
    const second = watched(writer.write('2\n'))
    held.finish(gone)
    const third = watched(writer.write('3\n'))
    await turn()

    expect([first.state, second.state, third.state]).toEqual(Array(3).fill('OutputClosedError'))
    expect(held.writes).toEqual(['1\n'])
    await expect(writer.drained()).rejects.toThrow(OutputClosedError)
  })

  test('is told apart from a disk that is full', async () => {
    const reasons = [gone, Object.assign(new Error('no space left'), { code: 'ENOSPC' })].map((error) => {
      const held = new HeldSink()
      const writer = new StdoutWriter(held.sink)
      void writer.write('1\n')
      const drained = writer.drained()
      held.finish(error)
      return { drained, writer }
    })
    await Promise.allSettled(reasons.map(({ drained }) => drained))

    expect(reasons.map(({ writer }) => (writer.broken.reason as OutputClosedError).readerGone)).toEqual([true, false])
  })
})

test('drained resolves when everything is out', async () => {
  const held = new HeldSink()
  const writer = new StdoutWriter(held.sink)

  void writer.write('1\n')
  const done = watched(writer.drained())
  expect(held.writes).toEqual(['1\n'])
  await turn()
  expect(done.state).toBe('waiting')
  held.finish()
  await turn()

  expect(done.state).toBe('written')
  await expect(writer.drained()).resolves.toBeUndefined()
})

describe('a file', () => {
  test('gets everything in order', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mq-out-'))
    const file = path.join(folder, 'out')
    const fd = openSync(file, 'w')
    const writer = new StdoutWriter(fileSink(fd))

    for (let i = 0; i < 20_000; i++) void writer.write(`line ${i}\n`)
    await writer.drained()
    closeSync(fd)

    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines).toHaveLength(20_001)
    expect(lines[19_999]).toBe('line 19999')
    rmSync(folder, { recursive: true })
  })

  test.skipIf(process.platform !== 'linux')('on a full disk takes nothing and says so', async () => {
    const fd = openSync('/dev/full', 'w')
    const writer = new StdoutWriter(fileSink(fd))

    await expect(writer.write('1\n')).rejects.toThrow('cannot write to stdout: ENOSPC')
    closeSync(fd)
  })
})
