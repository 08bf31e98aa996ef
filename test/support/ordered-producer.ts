import { type ClientInstance } from '../../src/core/client/index.ts'
import { Producer } from '../../src/core/producer/index.ts'
import { javaHash, type MessageQueue } from '../../src/core/protocol/index.ts'
import { orderedBody } from './order-checker.ts'

/** Produces messages of many keys, each key in one queue and in order, as a checker reads them. */
export class OrderedProducer {
  readonly topic: string
  readonly #client: ClientInstance
  readonly #producer: Producer
  readonly #keys: number
  #sent = 0

  constructor(client: ClientInstance, options: { readonly topic: string; readonly keys: number }) {
    this.topic = options.topic
    this.#keys = options.keys
    this.#client = client
    this.#producer = new Producer(client, { origin: { ip: '127.0.0.1', pid: process.pid, instance: 1 } })
  }

  /** How many there are. */
  get sent(): number {
    return this.#sent
  }

  /** How many there are of each key. */
  get produced(): ReadonlyMap<string, number> {
    const each = Array.from({ length: this.#keys }, (_, index) => {
      const count = Math.floor(this.#sent / this.#keys) + (index < this.#sent % this.#keys ? 1 : 0)
      return [`key-${index}`, count] as const
    })
    return new Map(each)
  }

  /** Sends the next messages, the keys in turn. */
  async send(count: number): Promise<void> {
    const queues = (await this.#client.routes.get(this.topic))?.publishQueues ?? []
    const shares = new Map<MessageQueue, { topic: string; body: Buffer }[]>()
    for (let number = this.#sent; number < this.#sent + count; number++) {
      const key = `key-${number % this.#keys}`
      const queue = queues[Math.abs(javaHash(key)) % queues.length]
      if (queue === undefined) throw new Error(`${this.topic} has no queues`)
      const body = Buffer.from(orderedBody(key, Math.floor(number / this.#keys)))
      shares.set(queue, [...(shares.get(queue) ?? []), { topic: this.topic, body }])
    }
    for (const [queue, messages] of shares) await this.#producer.sendBatch(messages, { selector: () => queue })
    this.#sent += count
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }
}
