import { BrokerResponseError, type ErrorCode, RocketMQError } from '../core/errors.ts'
import type { ResponseCode } from '../core/protocol/index.ts'
import { FlagValueError } from './flag-types.ts'
import { printable, printableLines } from './output/printable.ts'
import { isParseError, reportParseError } from './parse-error.ts'

/** Exit codes of every command. */
export const ExitCode = {
  DONE: 0,
  FAILED: 1,
  USAGE: 2,
  REFUSED: 3,
  NOT_AUTHORISED: 4,
  UNREACHABLE: 5,
  PARTIAL: 6,
  NOT_FOUND: 7,
  FINDINGS: 8,
  UNKNOWN_COMMAND: 127,
} as const

/** What is said of an error. */
export interface ErrorReport {
  /** For programs: `USAGE`, `UNREACHABLE`, … */
  readonly code: string
  readonly exit: number
  /** What failed, on what, why. */
  readonly message: string
  /** What to try, a sentence each. */
  readonly suggestions: readonly string[]
}

const exitCodes: Readonly<Record<ErrorCode, number>> = {
  PROTOCOL: ExitCode.FAILED,
  UNREACHABLE: ExitCode.UNREACHABLE,
  TIMEOUT: ExitCode.UNREACHABLE,
  RESPONSE: ExitCode.FAILED,
  UNAUTHORIZED: ExitCode.NOT_AUTHORISED,
  NOT_FOUND: ExitCode.NOT_FOUND,
  USAGE: ExitCode.USAGE,
  REFUSED: ExitCode.REFUSED,
  UNSUPPORTED: ExitCode.FAILED,
  STORAGE: ExitCode.FAILED,
  LISTEN: ExitCode.FAILED,
  HANDLER: ExitCode.FAILED,
}

// Numbers that are checked to be those of the table, which is more than a command without a cluster loads.
const TOPIC_NOT_EXIST: (typeof ResponseCode)['TOPIC_NOT_EXIST'] = 17
const SUBSCRIPTION_GROUP_NOT_EXIST: (typeof ResponseCode)['SUBSCRIPTION_GROUP_NOT_EXIST'] = 26

const responseExitCodes: ReadonlyMap<number, number> = new Map([
  [TOPIC_NOT_EXIST, ExitCode.NOT_FOUND],
  [SUBSCRIPTION_GROUP_NOT_EXIST, ExitCode.NOT_FOUND],
])

/** Tells what an error means to the user. `flags` are the names the command knows, for "did you mean". */
export function reportError(error: unknown, flags: readonly string[] = []): ErrorReport {
  if (isParseError(error)) return { code: 'USAGE', exit: ExitCode.USAGE, ...reportParseError(error, flags) }
  if (error instanceof RocketMQError) {
    const message = error instanceof FlagValueError ? error.sentence : error.message
    return { code: error.code, exit: exitCodeOf(error), message, suggestions: error.suggestions }
  }
  const system = systemErrorCode(error)
  if (system !== undefined && error instanceof Error) {
    return { code: system, exit: ExitCode.FAILED, message: error.message, suggestions: [] }
  }
  return {
    code: 'UNEXPECTED',
    exit: ExitCode.FAILED,
    message: `this is a fault of mq: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    suggestions: ['run it again with --debug and report what it says'],
  }
}

function exitCodeOf(error: RocketMQError): number {
  const byResponse = error instanceof BrokerResponseError ? responseExitCodes.get(error.responseCode) : undefined
  return byResponse ?? exitCodes[error.code]
}

function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The report as text for stderr. */
export function reportText(report: ErrorReport): string {
  const lines = [`error: ${report.message}`, ...report.suggestions.map((suggestion) => `  ${suggestion}`)]
  return `${printableLines(lines.join('\n'))}\n`
}

/** The report as JSON; what the error carries besides (arguments, configuration) is never part of it. */
export function reportJson(report: ErrorReport): string {
  const { code, exit, message, suggestions } = report
  return `${JSON.stringify({ error: { code, exit, message, suggestions } })}\n`
}

/** The stack of an error and of its causes, for `--debug`. */
export function reportStack(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error; current instanceof Error && parts.length < 10; current = current.cause) {
    parts.push(`${parts.length === 0 ? '' : 'caused by '}${current.stack ?? printable(current.message)}`)
  }
  return `${printableLines(parts.join('\n'))}\n`
}
