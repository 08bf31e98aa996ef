import { PushConsumer } from '../../core/consumer/index.ts'
import { RocketMQError } from '../../core/errors.ts'
import { Producer } from '../../core/producer/index.ts'
import { TaskScope } from '../../core/support/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { Arrivals } from './arrivals.ts'
import { DEMO_GROUP, DEMO_TOPIC, withDemoBroker } from './demo-broker.ts'
import { ORDER_NUMBER, OrderProducer } from './order-producer.ts'

/** What a demo is asked for. */
export interface DemoRequest {
  /** How long orders are produced, in ms; `undefined`: until the command is stopped. */
  readonly forMs: number | undefined
  /** Writes a line to stdout; resolves when it is out. */
  readonly print: (line: string) => Promise<void>
}

const CONSUMERS = 2
const ORDERS_PER_SECOND = 200
/** How long a consumer works on an order. */
const WORK_MS = 20
const READY_MS = 10_000
const DRAIN_MS = 30_000
const LOOK_MS = 20

/**
 * Runs a broker, a producer of keyed orders and a group of consumers in this process, tells once a second how far they are, and ends
 * with `consumed N` when all that was produced is consumed. Rejects when that does not happen.
 */
export async function demo(request: DemoRequest, context: CommandContext): Promise<void> {
  await withDemoBroker(context, (connection) => new Demo(request, { context, connection }).run())
}

/** One run: who takes part, and in what order they begin and end. */
class Demo {
  readonly #request: DemoRequest
  readonly #context: CommandContext
  readonly #arrivals = new Arrivals()
  readonly #consumers: readonly PushConsumer[]
  readonly #producer: Producer
  readonly #orders: OrderProducer

  constructor(request: DemoRequest, parts: { readonly context: CommandContext; readonly connection: Connection }) {
    const { context, connection } = parts
    const { clock, logger } = context
    this.#request = request
    this.#context = context
    this.#consumers = Array.from({ length: CONSUMERS }, () => this.#consumer(connection))
    this.#producer = new Producer(connection.client)
    this.#orders = new OrderProducer({
      producer: this.#producer,
      topic: DEMO_TOPIC,
      perSecond: ORDERS_PER_SECOND,
      clock,
      logger,
    })
  }

  async run(): Promise<void> {
    try {
      await Promise.all(this.#consumers.map((consumer) => consumer.start()))
      await this.#until(() => this.#consumers.every(({ queues, balanced }) => balanced && queues.length > 0), READY_MS)
      await this.#produce()
      await this.#until(() => this.#arrivals.count >= this.#orders.produced, DRAIN_MS)
    } finally {
      await Promise.all(this.#consumers.map((consumer) => consumer.close()))
      await this.#producer.close()
    }
    const { produced } = this.#orders
    const { count, again } = this.#arrivals
    if (again > 0) this.#context.say(`${again} came more than once`)
    if (count !== produced) {
      throw new RocketMQError('TIMEOUT', `${produced} orders were produced, but only ${count} were consumed`)
    }
    await this.#request.print(`consumed ${count}`)
  }

  #consumer(connection: Connection): PushConsumer {
    return new PushConsumer(connection.createClient(), {
      group: DEMO_GROUP,
      subscriptions: [{ topic: DEMO_TOPIC }],
      consumeFromWhere: { from: 'first' },
      listener: async (messages) => {
        await this.#context.clock.sleep(WORK_MS)
        for (const message of messages) this.#arrivals.add(Number(message.getProperty(ORDER_NUMBER)))
        return 'CONSUME_SUCCESS' as const
      },
    })
  }

  /** Produces, with a line each second, until the time is over or the command is to end. */
  async #produce(): Promise<void> {
    const { clock, logger, signal } = this.#context
    const scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.warn(`${task} failed: ${String(error)}`)
      },
    })
    const enough = new AbortController()
    const { forMs } = this.#request
    const timer = forMs === undefined ? undefined : clock.after(forMs, () => enough.abort())
    const end = AbortSignal.any([signal, enough.signal])
    scope.every('telling how far it is', 1000, async () => {
      try {
        await this.#request.print(this.#line())
      } catch {
        // Nobody reads any more: there is nothing left to show.
        enough.abort()
      }
    })
    await this.#orders.run(end)
    timer?.cancel()
    await scope.close()
  }

  #line(): string {
    const { produced } = this.#orders
    const { count } = this.#arrivals
    const owned = this.#consumers.map((consumer, index) => `consumer ${index + 1}: ${mainQueues(consumer)} queues`)
    return `produced ${produced}, consumed ${count}, lag ${produced - count}; ${owned.join(', ')}`
  }

  /** Looks again and again, for so long at most or until a signal ends the waiting. */
  async #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#context
    const deadline = clock.monotonic() + timeoutMs
    while (!condition() && clock.monotonic() < deadline) await clock.sleep(LOOK_MS)
  }
}

function mainQueues(consumer: PushConsumer): number {
  return consumer.queues.filter(({ messageQueue }) => messageQueue.topic === DEMO_TOPIC).length
}
