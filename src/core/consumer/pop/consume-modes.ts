import { BrokerResponseError } from '../../errors.ts'
import { type MessageQueue, mqVersion, ResponseCode } from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'
import type { Logger } from '../../support/index.ts'

/**
 * How a broker wants a topic to be consumed. NO_POP: it does not know POP; NONE: it gives this member nothing, and so
 * does not say how; UNKNOWN: nobody could say.
 */
export type ConsumeMode =
  | { readonly mode: 'PULL' | 'NO_POP' | 'NONE' | 'UNKNOWN' }
  | { readonly mode: 'POP'; readonly queues: readonly MessageQueue[] }

/** What asking needs from the consumer. */
export interface ConsumeModesParts {
  readonly group: string
  readonly clientId: string
  readonly remoting: Pick<RemotingClient, 'invoke' | 'versionOf'>
  readonly addressesFor: (topic: string) => readonly string[]
  readonly logger: Logger
}

/** POP came with 5.0. */
const FIRST_VERSION = mqVersion('5.0.0-SNAPSHOT') ?? 0
const NEVER_ANSWERED = -1

/**
 * Asks a broker how the group consumes a topic (QUERY_ASSIGNMENT). What it assigns counts for POP only: who pulls
 * divides the queues by a strategy that brokers need not know. A broker that does not know the question is not asked again.
 */
export class ConsumeModes {
  readonly #parts: ConsumeModesParts
  /** Addresses of brokers that do not know the question, and their version then. */
  readonly #ignorant = new Map<string, number>()

  constructor(parts: ConsumeModesParts) {
    this.#parts = parts
  }

  /** Never rejects. */
  async ask(topic: string): Promise<ConsumeMode> {
    const { group, clientId, remoting, logger } = this.#parts
    const [address] = this.#parts.addressesFor(topic)
    if (address === undefined) return { mode: 'UNKNOWN' }
    if (this.#isIgnorant(address)) return { mode: 'NO_POP' }
    const request = { clientId, consumerGroup: group, messageModel: 'CLUSTERING', strategyName: 'AVG', topic }
    try {
      const { body } = await remoting.invoke(address, 'queryAssignment', { body: request })
      const assignments = body.messageQueueAssignments
      if (assignments === undefined) return { mode: 'UNKNOWN' }
      const queues = assignments.filter(({ mode }) => mode === 'POP').map(({ messageQueue }) => messageQueue)
      if (queues.length > 0) return { mode: 'POP', queues }
      return { mode: assignments.length > 0 ? 'PULL' : 'NONE' }
    } catch (error) {
      if (!(error instanceof BrokerResponseError) || error.responseCode !== ResponseCode.REQUEST_CODE_NOT_SUPPORTED) {
        logger.warn(`cannot ask how ${group} consumes ${topic}: ${String(error)}`)
        return { mode: 'UNKNOWN' }
      }
      this.#ignorant.set(address, this.#versionOf(address))
      return { mode: 'NO_POP' }
    }
  }

  /** A broker that was replaced by a newer one is asked anew. */
  #isIgnorant(address: string): boolean {
    const version = this.#versionOf(address)
    if (version !== NEVER_ANSWERED && version < FIRST_VERSION) return true
    return this.#ignorant.get(address) === version
  }

  #versionOf(address: string): number {
    return this.#parts.remoting.versionOf(address) ?? NEVER_ANSWERED
  }
}
