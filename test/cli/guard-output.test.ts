import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { type GuardedProcess, guardOutput } from '../../src/cli/guard-output.ts'

class Stream extends EventEmitter {
  written: string[] = []
  write(text: string): void {
    this.written.push(text)
  }
}

function guarded(): { stdout: Stream; stderr: Stream } & GuardedProcess {
  const process: { stdout: Stream; stderr: Stream } & GuardedProcess = { stdout: new Stream(), stderr: new Stream() }
  process.stdout.on('error', (error) => {
    throw error
  })
  guardOutput(process)
  return process
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: it broke`), { code })

test('a reader that has gone is no failure', () => {
  const process = guarded()

  process.stdout.emit('error', failure('EPIPE'))

  expect(process.exitCode).toBeUndefined()
  expect(process.stderr.written).toEqual([])
})

test('a full disk is told once and makes the exit code 1', () => {
  const process = guarded()

  process.stdout.emit('error', failure('ENOSPC'))
  process.stdout.emit('error', failure('ENOSPC'))

  expect(process.exitCode).toBe(1)
  expect(process.stderr.written).toEqual(['cannot write to stdout: ENOSPC: it broke\n'])
})

test('a command that listens for itself is left to it', () => {
  const process = guarded()
  const seen: Error[] = []
  process.stdout.on('error', (error: Error) => seen.push(error))

  process.stdout.emit('error', failure('ENOSPC'))

  expect(seen).toHaveLength(1)
  expect(process.exitCode).toBeUndefined()
  expect(process.stderr.written).toEqual([])
})

test('a broken stderr is swallowed', () => {
  const process = guarded()

  expect(() => process.stderr.emit('error', failure('EPIPE'))).not.toThrow()
})
