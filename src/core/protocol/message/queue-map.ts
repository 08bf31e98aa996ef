import type { MessageQueue } from './message-queue.ts'

/** A map by queue. It makes no text of a queue, neither to keep it nor to look it up. */
export class QueueMap<V> {
  readonly #topics = new Map<string, Map<string, Map<number, V>>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(queue: MessageQueue): V | undefined {
    return this.#topics.get(queue.topic)?.get(queue.brokerName)?.get(queue.queueId)
  }

  has(queue: MessageQueue): boolean {
    return this.#topics.get(queue.topic)?.get(queue.brokerName)?.has(queue.queueId) ?? false
  }

  set(queue: MessageQueue, value: V): void {
    const { topic, brokerName, queueId } = queue
    if (!this.has(queue)) this.#size += 1
    const brokers = this.#topics.get(topic)
    const queues = brokers?.get(brokerName)
    if (queues !== undefined) queues.set(queueId, value)
    else if (brokers !== undefined) brokers.set(brokerName, new Map([[queueId, value]]))
    else this.#topics.set(topic, new Map([[brokerName, new Map([[queueId, value]])]]))
  }

  /** Tells whether there was something. */
  delete(queue: MessageQueue): boolean {
    const brokers = this.#topics.get(queue.topic)
    const queues = brokers?.get(queue.brokerName)
    if (queues?.delete(queue.queueId) !== true) return false
    this.#size -= 1
    if (queues.size === 0) brokers?.delete(queue.brokerName)
    if (brokers?.size === 0) this.#topics.delete(queue.topic)
    return true
  }

  clear(): void {
    this.#topics.clear()
    this.#size = 0
  }

  /** Topic by topic, in each broker by broker, and there in the order in which they were set. */
  values(): V[] {
    const values: V[] = []
    this.forEach((value) => values.push(value))
    return values
  }

  /** The same without a list of them. */
  forEach(call: (value: V) => void): void {
    for (const brokers of this.#topics.values()) {
      for (const queues of brokers.values()) queues.forEach(call)
    }
  }
}
