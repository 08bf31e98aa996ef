import { ConnectionError } from '../../errors.ts'
import { type MessageQueue, queueKey, queueName } from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import { type LockLife, QueueLease } from './queue-lease.ts'

/** What locking needs from the consumer. */
export interface QueueLocksParts {
  readonly group: string
  readonly clientId: string
  readonly clock: Clock
  readonly logger: Logger
  readonly remoting: Pick<RemotingClient, 'invoke'>
  readonly masterOf: (brokerName: string, topic: string) => Promise<string | undefined>
  readonly life: LockLife
  /** Between two renewals. */
  readonly intervalMs: number
  /** Told when the lock of a queue was got, given back or lost. */
  readonly changed?: (queue: MessageQueue, held: boolean) => void
}

/** Java's time for these requests, its wait before the first renewal, and ours before another attempt at a failed one. */
const TIMEOUT_MS = 1000
const FIRST_MS = 1000
const RETRY_MS = 1000

/**
 * The locks a member of an orderly group has at the brokers (`RebalanceImpl#lock`, `#lockAll`, `#unlock`): one member
 * consumes a queue at a time. What is lost is told by the lease of the queue.
 */
export class QueueLocks {
  readonly #parts: QueueLocksParts
  readonly #leases = new Map<string, QueueLease>()
  #renewing: Promise<unknown> = Promise.resolve()

  constructor(parts: QueueLocksParts) {
    this.#parts = parts
  }

  /** Locks a queue. Resolves to `undefined` when another member has it; rejects when its broker does not answer. */
  async acquire(queue: MessageQueue): Promise<QueueLease | undefined> {
    const { clock, life } = this.#parts
    const sentAt = clock.monotonic()
    const granted = await this.#lock([queue])
    if (!granted.has(queueKey(queue))) return undefined
    const lease = new QueueLease(queue, { clock, life, sentAt })
    this.#leases.set(queueKey(queue), lease)
    this.#parts.changed?.(queue, true)
    return lease
  }

  /** Frees queues for others. Resolves when the brokers have done so, or did not answer: the locks expire then. */
  async release(leases: readonly QueueLease[]): Promise<void> {
    const ours = leases.filter((lease) => this.#leases.get(queueKey(lease.messageQueue)) === lease)
    for (const { messageQueue } of ours) {
      this.#leases.delete(queueKey(messageQueue))
      this.#parts.changed?.(messageQueue, false)
    }
    // A broker may do the two in any order, and a renewal that comes later would lock for nobody.
    await this.#renewing
    await Promise.all(byBroker(ours).map((some) => this.#unlock(some)))
  }

  /** Renews all locks every so often (`ConsumeMessageOrderlyService#lockMQPeriodically`), soon again after a failure. */
  readonly run = async (signal: AbortSignal): Promise<void> => {
    await this.#parts.clock.sleep(FIRST_MS, { signal })
    for (;;) {
      const renewing = this.#renewAll()
      this.#renewing = renewing
      const sure = await renewing
      await this.#parts.clock.sleep(sure ? this.#parts.intervalMs : RETRY_MS, { signal })
    }
  }

  /** Resolves to whether all brokers have answered; never rejects. */
  async #renewAll(): Promise<boolean> {
    const answered = await Promise.all(byBroker([...this.#leases.values()]).map((some) => this.#renew(some)))
    return !answered.includes(false)
  }

  async #renew(leases: readonly QueueLease[]): Promise<boolean> {
    const sentAt = this.#parts.clock.monotonic()
    let granted: ReadonlySet<string>
    try {
      granted = await this.#lock(leases.map(({ messageQueue }) => messageQueue))
    } catch (error) {
      this.#parts.logger.warn(`cannot renew the locks of ${leases.length} queues: ${String(error)}`)
      for (const lease of leases) if (lease.isForfeit) this.#lose(lease, 'could not be renewed in time')
      return false
    }
    const forfeit = leases.filter((lease) => lease.isForfeit && granted.has(queueKey(lease.messageQueue)))
    for (const lease of leases) {
      if (!granted.has(queueKey(lease.messageQueue))) this.#lose(lease, "is another member's")
      else if (!lease.isForfeit) lease.confirm(sentAt)
    }
    // Others may have had these meanwhile. They are free again for whoever is to have them.
    if (forfeit.length > 0) await this.#unlock(forfeit)
    for (const lease of forfeit) this.#lose(lease, 'was renewed too late')
    return true
  }

  #lose(lease: QueueLease, why: string): void {
    const { messageQueue } = lease
    // Given up meanwhile.
    if (this.#leases.get(queueKey(messageQueue)) !== lease) return
    this.#leases.delete(queueKey(messageQueue))
    this.#parts.logger.warn(`the lock of ${messageQueue.topic} ${queueName(messageQueue)} ${why}: starting anew there`)
    this.#parts.changed?.(messageQueue, false)
    lease.lose()
  }

  /** Asks one broker; resolves to the keys of the queues that are ours. */
  async #lock(mqSet: readonly MessageQueue[]): Promise<ReadonlySet<string>> {
    const body = this.#request(mqSet)
    const address = await this.#addressOf(mqSet)
    const answer = await this.#parts.remoting.invoke(address, 'lockBatchMq', { body }, { timeoutMs: TIMEOUT_MS })
    return new Set(answer.body.lockOKMQSet.map(queueKey))
  }

  async #unlock(leases: readonly QueueLease[]): Promise<void> {
    const mqSet = leases.map(({ messageQueue }) => messageQueue)
    try {
      const body = this.#request(mqSet)
      const address = await this.#addressOf(mqSet)
      await this.#parts.remoting.invoke(address, 'unlockBatchMq', { body }, { timeoutMs: TIMEOUT_MS })
    } catch (error) {
      this.#parts.logger.warn(`cannot unlock ${mqSet.length} queues, they stay locked for a while: ${String(error)}`)
    }
  }

  #request(mqSet: readonly MessageQueue[]) {
    const { clientId, group } = this.#parts
    return { clientId, consumerGroup: group, mqSet: [...mqSet], onlyThisBroker: false }
  }

  async #addressOf([queue]: readonly MessageQueue[]): Promise<string> {
    const { brokerName = '', topic = '' } = queue ?? {}
    const address = await this.#parts.masterOf(brokerName, topic)
    if (address === undefined) throw new ConnectionError(brokerName, `broker ${brokerName} has no master`)
    return address
  }
}

/** The leases of each broker. */
function byBroker(leases: readonly QueueLease[]): QueueLease[][] {
  const groups = new Map<string, QueueLease[]>()
  for (const lease of leases) {
    const group = groups.get(lease.messageQueue.brokerName) ?? []
    group.push(lease)
    groups.set(lease.messageQueue.brokerName, group)
  }
  return [...groups.values()]
}
