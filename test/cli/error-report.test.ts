import { describe, expect, test } from 'vitest'
import { reportError, reportJson, reportStack, reportText } from '../../src/cli/error-report.ts'
import { FlagValueError, readFlag } from '../../src/cli/flag-types.ts'
import {
  AuthorizationError,
  BrokerResponseError,
  ConnectionError,
  ListenError,
  NotFoundError,
  ProtocolError,
  RefusedError,
  StorageError,
  TimeoutError,
  UnsupportedError,
  UsageError,
} from '../../src/core/errors.ts'

const response = { address: 'b:1', operation: 'sendMessageV2', responseName: 'X', remark: undefined }

describe('the exit code', () => {
  test.each([
    ['a usage error', new UsageError('x'), 2],
    ['a refusal of ours', new RefusedError('x'), 3],
    ['missing rights', new AuthorizationError({ ...response, responseCode: 16 }), 4],
    ['a peer that cannot be reached', new ConnectionError('b:1', 'x'), 5],
    ['a peer that is silent', new TimeoutError('b:1', 'x', 1), 5],
    ['a topic that does not exist', new NotFoundError('topic', 't'), 7],
    ['a topic the broker does not know', new BrokerResponseError({ ...response, responseCode: 17 }), 7],
    ['a group the broker does not know', new BrokerResponseError({ ...response, responseCode: 26 }), 7],
    ['any other refusal of a broker', new BrokerResponseError({ ...response, responseCode: 1 }), 1],
    ['garbage from a broker', new ProtocolError('x'), 1],
    ['what a peer cannot do', new UnsupportedError('x'), 1],
    ['a data directory', new StorageError('x'), 1],
    ['a port', new ListenError('x'), 1],
    ['an error of the system', Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' }), 1],
    ['a fault of ours', new TypeError('x is not a function'), 1],
    ['something that is no error', 'x', 1],
  ])('of %s', (_name, error, exit) => {
    expect(reportError(error).exit).toBe(exit)
  })
})

test('a fault of ours is told as one, and how to see more of it', () => {
  const report = reportError(new TypeError('x is not a function'))

  expect(report.message).toBe('this is a fault of mq: TypeError: x is not a function')
  expect(report.suggestions).toEqual(['run it again with --debug and report what it says'])
})

test('the text is the sentence and its suggestions, without a stack and without control characters', () => {
  const report = reportError(new NotFoundError('topic', 't', 'no \u001b[31mt', { suggestions: ['did you mean u?'] }))

  expect(reportText(report)).toBe('error: no ·[31mt\n  did you mean u?\n')
})

test('the JSON holds code, exit, message and suggestions, whatever else the error carries', () => {
  const error = Object.assign(new UsageError('no'), { argv: ['--secret', 'hunter2'], config: { secret: 'hunter2' } })

  expect(JSON.parse(reportJson(reportError(error)))).toEqual({
    error: { code: 'USAGE', exit: 2, message: 'no', suggestions: [] },
  })
})

test('a value a flag cannot take is told with the flag, even after oclif has rewritten the message', () => {
  let error: unknown
  try {
    readFlag('timeout', 'soon', () => {
      throw new UsageError("'soon' is not a duration")
    })
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(FlagValueError)
  if (error instanceof Error) error.message = 'Parsing --timeout \n\trubbish\nSee more help with --help'

  expect(reportError(error)).toMatchObject({ exit: 2, message: "--timeout: 'soon' is not a duration" })
})

test('the stack names the causes', () => {
  const error = new ConnectionError('b:1', 'cannot connect', { cause: new Error('refused') })

  expect(reportStack(error)).toMatch(/ConnectionError: cannot connect\n {4}at [^]*caused by Error: refused\n {4}at /)
})
