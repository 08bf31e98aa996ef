import { ConnectionError, ProtocolError, type RocketMQError, TimeoutError, UsageError } from '../errors.ts'
import type { OperationName, Operations, RequestOf, ResponseOf } from '../protocol/index.ts'
import { type InvokeOptions, type RemotingClient, splitAddress } from '../remoting/index.ts'

/**
 * Splits `host:port;host:port`; the scheme and path of an `http://…` endpoint are dropped, as Java drops them. The default port is
 * 9876. Throws {@link UsageError} for anything else.
 */
export function parseNameServers(text: string): string[] {
  const addresses = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (addresses.length === 0) throw new UsageError('no name server is given; write e.g. 127.0.0.1:9876')
  return addresses.map((address) => {
    const bare = address.slice(address.lastIndexOf('/') + 1)
    const complete = /:\d+$/.test(bare) ? bare : `${bare}:9876`
    if (splitAddress(complete) === undefined || /[\s@]/.test(complete)) {
      throw new UsageError(`'${address}' is not a name server address; write host:port, several separated by ';'`)
    }
    return complete
  })
}

/** Asks one of several equal name servers; stays with the one that answers and moves on when it does not. */
export class NameServerClient {
  readonly addresses: readonly string[]
  readonly #remoting: Pick<RemotingClient, 'invoke'>
  #current = 0

  constructor(options: { readonly addresses: readonly string[]; readonly remoting: Pick<RemotingClient, 'invoke'> }) {
    this.addresses = options.addresses
    this.#remoting = options.remoting
  }

  /**
   * Asks until one name server answers, each within the time given. An answer counts even when it is a refusal.
   * Rejects with ConnectionError naming all of them when none does.
   */
  async invoke<K extends OperationName>(
    name: K,
    request: RequestOf<Operations[K]>,
    options: InvokeOptions = {},
  ): Promise<ResponseOf<Operations[K]>> {
    const failures: RocketMQError[] = []
    for (let attempt = 0; attempt < this.addresses.length; attempt++) {
      const index = (this.#current + attempt) % this.addresses.length
      const address = this.addresses[index]
      if (address === undefined) continue
      try {
        const answer = await this.#remoting.invoke(address, name, request, options)
        this.#current = index
        return answer
      } catch (error) {
        if (!isUnreachable(error)) throw error
        failures.push(error)
      }
    }
    throw this.#noneAnswered(failures)
  }

  #noneAnswered(failures: readonly RocketMQError[]): RocketMQError {
    const [only] = failures
    if (failures.length === 1 && only) {
      return new ConnectionError(this.addresses.join(';'), `no name server answers: ${only.message}`, {
        cause: only,
        suggestions: ['check the address (-n host:port) and that the name server runs'],
      })
    }
    const text = failures.map((failure) => failure.message).join('; ')
    return new ConnectionError(this.addresses.join(';'), `none of ${failures.length} name servers answers: ${text}`, {
      cause: new AggregateError(failures),
      suggestions: ['check the addresses (-n host:port;host:port) and that one of them runs'],
    })
  }
}

function isUnreachable(error: unknown): error is RocketMQError {
  return error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ProtocolError
}
