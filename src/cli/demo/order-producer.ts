import type { Producer } from '../../core/producer/index.ts'
import type { Clock, Logger } from '../../core/support/index.ts'

/** How a stream of orders is made. */
export interface OrderProducerOptions {
  readonly producer: Pick<Producer, 'send'>
  readonly topic: string
  readonly perSecond: number
  readonly clock: Clock
  readonly logger: Logger
}

const TICK_MS = 50
const CUSTOMERS = 100
const STATES = ['created', 'paid', 'shipped'] as const

/** The property that numbers the orders, from 0. */
export const ORDER_NUMBER = 'order'

/**
 * Sends numbered orders at a steady rate: keyed by order, all of a customer to one queue, tagged by state. A number
 * is used up only by an order that was stored.
 */
export class OrderProducer {
  readonly #options: OrderProducerOptions
  #produced = 0

  constructor(options: OrderProducerOptions) {
    this.#options = options
  }

  /** Orders that are stored. */
  get produced(): number {
    return this.#produced
  }

  /** Sends until the signal aborts; what is under way then is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, perSecond } = this.#options
    const started = clock.monotonic()
    while (!isAborted(signal)) {
      const due = Math.floor(((clock.monotonic() - started) * perSecond) / 1000)
      while (this.#produced < due && !isAborted(signal)) if (!(await this.#sendNext())) break
      await clock.sleep(TICK_MS)
    }
  }

  /** Resolves to whether the order was stored; one that was not is sent again. */
  async #sendNext(): Promise<boolean> {
    const { producer, topic, logger } = this.#options
    const number = this.#produced
    const customer = `customer-${number % CUSTOMERS}`
    const state = STATES[number % STATES.length] ?? STATES[0]
    try {
      await producer.send({
        topic,
        body: Buffer.from(JSON.stringify({ order: number, customer, state })),
        keys: [`order-${number}`],
        tags: state,
        shardingKey: customer,
        properties: new Map([[ORDER_NUMBER, String(number)]]),
      })
      this.#produced += 1
      return true
    } catch (error) {
      logger.warn(`cannot send order ${number}, trying again: ${String(error)}`)
      return false
    }
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
