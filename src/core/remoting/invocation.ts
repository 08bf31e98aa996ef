import { ProtocolError } from '../errors.ts'
import {
  type Operation,
  type OperationName,
  type Operations,
  operations,
  type RemotingCommand,
  type ResponseOf,
  readHeader,
} from '../protocol/index.ts'
import type { Receiver, WaitOptions } from './channel.ts'
import { responseError } from './response-error.ts'

/** One request and how long its answer took. */
export interface Exchange {
  readonly address: string
  readonly operation: OperationName
  readonly millis: number
  readonly failed: boolean
}

/** Per-call settings. */
export interface InvokeOptions {
  /** @default 3000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Half of the time, at most: for the first of two rounds of questions, since a peer that hangs must leave the others enough. */
export function halved(options: InvokeOptions): InvokeOptions {
  const { timeoutMs } = options
  return timeoutMs === undefined ? options : { ...options, timeoutMs: Math.ceil(timeoutMs / 2) }
}

/** Who is told what becomes of invocations. */
export interface InvocationObserver {
  readonly now: () => number
  /** A peer has answered; with the version it has said. */
  readonly answered: (address: string, version: number) => void
  readonly ended: (exchange: Exchange) => void
}

/** Java's `mqClientApiTimeout`. */
const DEFAULT_TIMEOUT_MS = 3000

/** A request by the table of operations that waits for its answer, without the request itself. */
export class Invocation<K extends OperationName> implements WaitOptions, Receiver<RemotingCommand> {
  readonly address: string
  readonly what: K
  readonly signal: AbortSignal | undefined
  timeoutMs: number
  readonly #startedAt: number
  readonly #observer: InvocationObserver
  readonly #receiver: Receiver<ResponseOf<Operations[K]>>

  constructor(
    { address, name, options }: { readonly address: string; readonly name: K; readonly options: InvokeOptions },
    observer: InvocationObserver,
    receiver: Receiver<ResponseOf<Operations[K]>>,
  ) {
    this.address = address
    this.what = name
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    this.signal = options.signal
    this.#startedAt = observer.now()
    this.#observer = observer
    this.#receiver = receiver
  }

  answered(response: RemotingCommand): void {
    this.#observer.answered(this.address, response.version)
    let answer: ResponseOf<Operations[K]>
    try {
      answer = readAnswer(this.address, this.what, response)
    } catch (error) {
      this.failed(error as Error)
      return
    }
    this.#ended(false)
    this.#receiver.answered(answer)
  }

  failed(error: Error): void {
    this.#ended(true)
    this.#receiver.failed(error)
  }

  #ended(failed: boolean): void {
    const { address, what } = this
    const millis = this.#observer.now() - this.#startedAt
    this.#observer.ended({ address, operation: what, millis, failed })
  }
}

/** The answer in a response. @throws BrokerResponseError, AuthorizationError and ProtocolError. */
function readAnswer<K extends OperationName>(
  address: string,
  name: K,
  response: RemotingCommand,
): ResponseOf<Operations[K]> {
  const operation: Operation = operations[name]
  const outcome = outcomeOf(operation, response.code)
  if (outcome === undefined) throw responseError(address, name, response)
  try {
    return readParts(operation, response, outcome) as ResponseOf<Operations[K]>
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError(`${address} answered ${name} with something unreadable: ${cause.message}`, { cause })
  }
}

function readParts(operation: Operation, response: RemotingCommand, outcome: string): unknown {
  // Only a success carries the whole header; the other outcomes may leave any of it out.
  const header =
    response.code === 0 ? readHeader(operation.response, response.extFields) : readPresent(operation, response)
  const body =
    operation.responseBody === undefined || (response.code !== 0 && response.body.length === 0)
      ? {}
      : { body: operation.responseBody.read(response.body) }
  return { ...header, ...body, outcome }
}

function outcomeOf(operation: Operation, code: number): string | undefined {
  for (const name in operation.outcomes) if (operation.outcomes[name] === code) return name
  return undefined
}

/** Brokers leave fields out of the answers that are not a success. */
function readPresent(operation: Operation, response: RemotingCommand): Record<string, unknown> {
  const header: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(operation.response)) {
    const value = response.extFields.get(field.wire ?? name)
    if (value !== undefined) header[name] = field.read(value)
  }
  return header
}
