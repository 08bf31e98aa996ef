import { BrokerResponseError, ConnectionError, ProtocolError, type RocketMQError, TimeoutError } from '../errors.ts'
import {
  type OperationName,
  type Operations,
  type RequestOf,
  ResponseCode,
  type ResponseOf,
} from '../protocol/index.ts'
import type { InvokeOptions, RemotingClient } from '../remoting/index.ts'

interface Options {
  readonly addresses: readonly string[]
  readonly remoting: Pick<RemotingClient, 'invoke'>
  /** Which one is asked first, modulo their number, so that not all clients of a cluster ask the same one. @default 0 */
  readonly first?: number
}

/** Asks one of several equal name servers; stays with the one that answers and moves on when it does not. */
export class NameServerClient {
  readonly addresses: readonly string[]
  readonly #remoting: Pick<RemotingClient, 'invoke'>
  #current: number

  constructor(options: Options) {
    this.addresses = options.addresses
    this.#remoting = options.remoting
    this.#current = (options.first ?? 0) % Math.max(1, options.addresses.length)
  }

  /**
   * Asks until one name server answers, each within the time given. A refusal is an answer, but brokers register with
   * each name server on their own: "no such topic" and "not ready" count only when no other one knows better. Rejects
   * with ConnectionError naming all of them when none answers.
   */
  async invoke<K extends OperationName>(
    name: K,
    request: RequestOf<Operations[K]>,
    options: InvokeOptions = {},
  ): Promise<ResponseOf<Operations[K]>> {
    const failures: RocketMQError[] = []
    let refusal: BrokerResponseError | undefined
    for (const [index, address] of this.#inOrder()) {
      try {
        const answer = await this.#remoting.invoke(address, name, request, options)
        this.#current = index
        return answer
      } catch (error) {
        if (isUnsure(error)) refusal ??= error
        else if (isUnreachable(error)) failures.push(error)
        else throw error
      }
    }
    throw refusal ?? this.#noneAnswered(failures)
  }

  /** All of them, beginning with the one that answered last. */
  #inOrder(): (readonly [number, string])[] {
    const all = [...this.addresses.entries()]
    return [...all.slice(this.#current), ...all.slice(0, this.#current)]
  }

  #noneAnswered(failures: readonly RocketMQError[]): ConnectionError {
    const subject = this.addresses.join(';')
    const [only] = failures
    if (only === undefined) return new ConnectionError(subject, 'no name server is configured')
    if (failures.length === 1) {
      return new ConnectionError(subject, `no name server answers: ${only.message}`, {
        cause: only,
        suggestions: ['check the address (-n host:port) and that the name server runs'],
      })
    }
    const text = failures.map((failure) => failure.message).join('; ')
    return new ConnectionError(subject, `none of ${failures.length} name servers answers: ${text}`, {
      cause: new AggregateError(failures),
      suggestions: ["check the addresses (-n 'host:port;host:port') and that one of them runs"],
    })
  }
}

function isUnreachable(error: unknown): error is RocketMQError {
  return error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ProtocolError
}

/** One that was started a moment ago has not heard of every broker. */
function isUnsure(error: unknown): error is BrokerResponseError {
  if (!(error instanceof BrokerResponseError)) return false
  return error.responseCode === ResponseCode.TOPIC_NOT_EXIST || error.responseCode === ResponseCode.SYSTEM_ERROR
}
