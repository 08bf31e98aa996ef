import { Errors } from '@oclif/core'
import type { CLIError } from '@oclif/core/errors'
import { didYouMean } from './suggest.ts'

/** What is said of arguments that cannot be understood. */
export interface ParseErrorReport {
  readonly message: string
  readonly suggestions: readonly string[]
}

/** Whether oclif refused the arguments; its commands throw nothing else of this class. */
export function isParseError(error: unknown): error is CLIError {
  return error instanceof Errors.CLIError && !(error instanceof Errors.ExitError)
}

/** Says in one sentence what oclif says in several; never repeats a value given to an unknown flag. */
export function reportParseError(error: CLIError, flags: readonly string[]): ParseErrorReport {
  const unknown = unknownFlags(error)
  if (unknown.length > 0) return reportUnknownFlags(unknown, flags)
  const missing = missingArguments(error)
  if (missing.length > 0) {
    const message = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`
    return { message, suggestions: ['add --help to see how the command is used'] }
  }
  return { message: sentence(error.message), suggestions: ['add --help to see how the command is used'] }
}

function reportUnknownFlags(unknown: readonly string[], flags: readonly string[]): ParseErrorReport {
  const suggestions = unknown.flatMap((flag) =>
    flag === '--secret-key'
      ? ['give the secret by MQ_SECRET_KEY or --secret-key-file; a command line is seen by everybody on the host']
      : didYouMean(flag, flags),
  )
  return {
    message: `there is no flag ${unknown.join(' and no flag ')}`,
    suggestions: suggestions.length > 0 ? suggestions : ['add --help to see the flags of the command'],
  }
}

function unknownFlags(error: CLIError): string[] {
  if (!('flags' in error) || !Array.isArray(error.flags)) return []
  return error.flags.map((flag) => String(flag).replace(/=.*$/s, ''))
}

function missingArguments(error: CLIError): string[] {
  if (!('args' in error) || !Array.isArray(error.args)) return []
  const names = error.args.map((arg: unknown) =>
    typeof arg === 'object' && arg !== null && 'name' in arg ? String(arg.name).toUpperCase() : '',
  )
  return names.filter((name) => name !== '')
}

/** oclif spreads its messages over lines. */
function sentence(message: string): string {
  const text = message
    .replace(/\u001b\[[\d;]*m/g, '')
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
