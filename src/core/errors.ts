/**
 * What can go wrong, one class per reaction of the caller. Every error of the engine is one of these; each carries a
 * literal `code`, says what failed and on what, and passes its cause on. Nothing here ever holds a secret.
 */
export type ErrorCode =
  | 'PROTOCOL'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'RESPONSE'
  | 'UNAUTHORIZED'
  | 'NOT_FOUND'
  | 'USAGE'
  | 'REFUSED'
  | 'UNSUPPORTED'
  | 'STORAGE'
  | 'LISTEN'
  | 'HANDLER'

/** The base of all errors of the engine. */
export class RocketMQError extends Error {
  readonly code: ErrorCode
  /** What the user can do about it, a sentence each. */
  readonly suggestions: readonly string[]

  constructor(code: ErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.suggestions = options.suggestions ?? []
  }
}

/** Optional parts of an error. */
export interface ErrorDetails {
  readonly cause?: unknown
  readonly suggestions?: readonly string[]
}

/** Bytes from a peer that are not the RocketMQ remoting protocol, or a value that cannot be put on the wire. */
export class ProtocolError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('PROTOCOL', message, options)
  }
}

/** A peer that could not be reached, or that closed the connection while a request was waiting for its answer. */
export class ConnectionError extends RocketMQError {
  readonly address: string

  constructor(address: string, message: string, options?: ErrorDetails) {
    super('UNREACHABLE', message, options)
    this.address = address
  }
}

/** A peer that did not answer in time. The request may or may not have been carried out. */
export class TimeoutError extends RocketMQError {
  readonly address: string
  readonly timeoutMs: number

  constructor(address: string, what: string, timeoutMs: number) {
    super('TIMEOUT', `${address} did not answer ${what} within ${timeoutMs} ms`)
    this.address = address
    this.timeoutMs = timeoutMs
  }
}

/** What a {@link BrokerResponseError} is made of. */
export interface BrokerResponse {
  readonly address: string
  readonly operation: string
  readonly responseCode: number
  readonly responseName: string
  readonly remark: string | undefined
}

/** A response code that is not one of the operation's declared outcomes. */
export class BrokerResponseError extends RocketMQError {
  readonly address: string
  readonly operation: string
  readonly responseCode: number
  readonly remark: string | undefined

  constructor(response: BrokerResponse, code: 'RESPONSE' | 'UNAUTHORIZED' = 'RESPONSE', options?: ErrorDetails) {
    const remark = response.remark ? `: ${readableRemark(response.remark)}` : ''
    super(code, `${response.address} refused ${response.operation} with ${response.responseName}${remark}`, options)
    this.address = response.address
    this.operation = response.operation
    this.responseCode = response.responseCode
    this.remark = response.remark
  }
}

/** A peer that does not know the caller, or does not let it do this: wrong or missing credentials, rights or permission bits. */
export class AuthorizationError extends BrokerResponseError {
  constructor(response: BrokerResponse) {
    super(response, 'UNAUTHORIZED', {
      suggestions: ['check --access-key, the secret (MQ_SECRET_KEY or --secret-key-file) and what they may do'],
    })
  }
}

/** A topic, group, message, broker or snapshot that does not exist. */
export class NotFoundError extends RocketMQError {
  readonly kind: 'topic' | 'group' | 'message' | 'broker' | 'queue' | 'snapshot' | 'client'
  readonly subject: string

  constructor(kind: NotFoundError['kind'], subject: string, message?: string, options?: ErrorDetails) {
    super('NOT_FOUND', message ?? `no such ${kind}: ${subject}`, options)
    this.kind = kind
    this.subject = subject
  }
}

/** A value given by the user that cannot be accepted. */
export class UsageError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('USAGE', message, options)
  }
}

/** Something that could be done but must not be without more from the user, or that a guard forbids. */
export class RefusedError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('REFUSED', message, options)
  }
}

/** Something this peer, or this version of it, cannot do. */
export class UnsupportedError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('UNSUPPORTED', message, options)
  }
}

/** A data directory that cannot be used, or a write to it that failed. */
export class StorageError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('STORAGE', message, options)
  }
}

/** A port that cannot be listened on. */
export class ListenError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('LISTEN', message, options)
  }
}

/** A handler of messages, given by the user, that failed on one. */
export class HandlerError extends RocketMQError {
  constructor(message: string, options?: ErrorDetails) {
    super('HANDLER', message, options)
  }
}

/** Whether an error says that its operation was cancelled by an `AbortSignal`. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** More of a remark is not told. */
const MAX_REMARK = 1000

/** The first line of a remark, without the packages and source lines Java puts around what it has to say. */
function readableRemark(remark: string): string {
  const start = remark.slice(0, MAX_REMARK)
  const end = start.search(/[\r\n]/)
  const line = end === -1 ? start : start.slice(0, end)
  return line
    .replace(/^(?:[a-z]\w{0,40}\.){2,9}(?=\w+: )/, '')
    .replace(/,? *(?:[a-z]\w{0,40}\.){2,9}[\w$.]+\([\w$]+\.java:\d+\)$/, '')
}
