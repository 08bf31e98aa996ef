import { PushConsumer } from '../../core/consumer/index.ts'
import { Producer } from '../../core/producer/index.ts'
import { anySignal } from '../any-signal.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { relaySnapshots } from '../dashboard/relay-snapshots.ts'
import { type ShowScreen, showScreen } from '../dashboard/screen.ts'
import { slept } from '../dashboard/slept.ts'
import { Arrivals } from './arrivals.ts'
import { DEMO_GROUP, DEMO_TOPIC, demoFlags, withDemoBroker } from './demo-broker.ts'
import { ORDER_NUMBER, OrderProducer } from './order-producer.ts'

/** What a live demo is asked for. */
export interface LiveDemoRequest {
  /** How long it runs, in ms; `undefined`: until somebody quits. */
  readonly forMs: number | undefined
  readonly ascii: boolean
  /** Draws on the terminal. */
  readonly show: ShowScreen
  /** Writes a line to stdout; resolves when it is out. */
  readonly print: (line: string) => Promise<void>
}

/** One consumer of the demo. */
interface Part {
  /** Part of its client id. */
  readonly name: string
  readonly joinsAfterMs: number
  readonly concurrency: number
  /** How long it works on an order. */
  readonly workMs: number
  /** Fails each order with a number divisible by it, at first. */
  readonly failsEvery: number | undefined
}

/** A backlog grows with the slow one until the late one takes queues over; the clumsy one's orders come again. */
const parts: readonly Part[] = [
  { name: 'slow', joinsAfterMs: 0, concurrency: 4, workMs: 60, failsEvery: undefined },
  { name: 'clumsy', joinsAfterMs: 0, concurrency: 20, workMs: 20, failsEvery: 25 },
  { name: 'late', joinsAfterMs: 10_000, concurrency: 20, workMs: 20, failsEvery: undefined },
]
const ORDERS_PER_SECOND = 200
const LOOK_MS = 1000
/** The first retry comes after a second. */
const RETRY_LEVEL = 1

/**
 * Runs a broker, a producer and three consumers in this process and draws how they stand: a slow one, one that fails some
 * orders, and one that joins after ten seconds. Ends when somebody quits, and says last how many orders were consumed.
 */
export async function liveDemo(request: LiveDemoRequest, context: CommandContext): Promise<void> {
  const ended = new AbortController()
  const timer = request.forMs === undefined ? undefined : context.clock.after(request.forMs, () => ended.abort())
  const running = { ...context, signal: anySignal(context.signal, ended.signal) }
  try {
    await withDemoBroker(running, async (connection, address) => {
      await new LiveDemo(request, { context: running, connection, address }).run(() => ended.abort())
    })
  } finally {
    timer?.cancel()
  }
}

class LiveDemo {
  readonly #request: LiveDemoRequest
  readonly #context: CommandContext
  readonly #connection: Connection
  readonly #address: string
  readonly #arrivals = new Arrivals()
  readonly #consumers: PushConsumer[] = []

  constructor(
    request: LiveDemoRequest,
    parts: { readonly context: CommandContext; readonly connection: Connection; readonly address: string },
  ) {
    this.#request = request
    this.#context = parts.context
    this.#connection = parts.connection
    this.#address = parts.address
  }

  /** `end` is called when somebody has seen enough. */
  async run(end: () => void): Promise<void> {
    const { clock, logger, signal } = this.#context
    const producer = new Producer(this.#connection.client)
    const orders = new OrderProducer({ producer, topic: DEMO_TOPIC, perSecond: ORDERS_PER_SECOND, clock, logger })
    const going = Promise.all([orders.run(signal), ...parts.map((part) => this.#join(part))])
    try {
      // Whoever quits ends it, and so does what fails.
      await Promise.race([this.#show(), going])
    } finally {
      end()
      await Promise.allSettled([going])
      await Promise.all(this.#consumers.map((consumer) => consumer.close()))
      await producer.close()
    }
    await this.#request.print(`produced ${orders.produced}`)
    await this.#request.print(`consumed ${this.#arrivals.count}`)
  }

  async #show(): Promise<void> {
    const request = { groups: [DEMO_GROUP], intervalMs: LOOK_MS }
    const connection = this.#connection
    const { snapshots, groups } = await relaySnapshots(request, { connection, context: this.#context })
    const { show, ascii } = this.#request
    const help = { connection, examined: groups }
    await showScreen({ snapshots }, { context: this.#context, flags: demoFlags(this.#address), show, ascii, help })
  }

  async #join(part: Part): Promise<void> {
    const { clock, signal } = this.#context
    if (!(await slept(part.joinsAfterMs, { clock, signal }))) return
    const consumer = this.#consumer(part)
    this.#consumers.push(consumer)
    await consumer.start()
  }

  #consumer({ name, concurrency, workMs, failsEvery }: Part): PushConsumer {
    return new PushConsumer(this.#connection.createClient(name), {
      group: DEMO_GROUP,
      subscriptions: [{ topic: DEMO_TOPIC }],
      consumeFromWhere: { from: 'first' },
      concurrency,
      listener: async (messages, told) => {
        await this.#context.clock.sleep(workMs)
        for (const message of messages) {
          const order = Number(message.getProperty(ORDER_NUMBER))
          if (failsEvery !== undefined && order % failsEvery === 0 && message.reconsumeTimes === 0) {
            told.delayLevelWhenNextConsume = RETRY_LEVEL
            return 'RECONSUME_LATER' as const
          }
          this.#arrivals.add(order)
        }
        return 'CONSUME_SUCCESS' as const
      },
    })
  }
}
