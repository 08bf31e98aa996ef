import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { type EndSignal, Interruption } from '../../src/cli/interruption.ts'

class FakeProcess extends EventEmitter {
  readonly exits: number[] = []
  exit(code: number): void {
    this.exits.push(code)
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the first %s aborts, and the command ends with %d', (signal, code) => {
  const process = new FakeProcess()
  const interruption = new Interruption(process)

  process.emit(signal)

  expect(interruption.signal.aborted).toBe(true)
  expect(interruption.caught).toBe(signal)
  expect(interruption.exitCode).toBe(code)
  expect(process.exits).toEqual([])
})

test('the reason of the abort is an AbortError, so that nobody takes it for a failure', () => {
  const process = new FakeProcess()
  const { signal } = new Interruption(process)

  process.emit('SIGINT')

  expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'interrupted by SIGINT' })
})

test('a second signal leaves at once with its own code', () => {
  const process = new FakeProcess()
  const interruption = new Interruption(process)

  process.emit('SIGTERM')
  process.emit('SIGINT')

  expect(process.exits).toEqual([130])
  expect(interruption.caught).toBe('SIGTERM')
})

test('without a signal there is no exit code', () => {
  expect(new Interruption(new FakeProcess()).exitCode).toBeUndefined()
})

test('after release nothing is listened to', () => {
  const process = new FakeProcess()
  const interruption = new Interruption(process)

  interruption.release()

  const signals: EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual([0, 0, 0])
})
