import type { MessageQueue } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'

/** How long locks live, in ms; Java has both as system properties. */
export interface LockLife {
  /** Without a renewal a member may take no step after so long (`ProcessQueue#REBALANCE_LOCK_MAX_LIVE_TIME`). */
  readonly memberMs: number
  /** Without a renewal a broker gives the lock to whoever asks after so long (`RebalanceLockManager`). */
  readonly brokerMs: number
}

/** The clocks of two machines differ a little. */
const CERTAIN = 0.95

/**
 * What a member knows of its hold on one queue, from the granting of the broker's lock to its loss. Times are those at
 * which requests were sent, so that the broker's own time of expiry is never earlier than it seems from here.
 */
export class QueueLease {
  readonly messageQueue: MessageQueue
  /** When the broker last confirmed it, in ms since the epoch; for people. */
  lastLockTimestamp: number
  readonly #clock: Clock
  readonly #life: LockLife
  readonly #loss = new AbortController()
  readonly #waiting = new Set<(held: boolean) => void>()
  #confirmedAt: number

  /** `sentAt`: when the request that was granted was sent, by the monotonic clock. */
  constructor(messageQueue: MessageQueue, options: { clock: Clock; life: LockLife; sentAt: number }) {
    this.messageQueue = messageQueue
    this.#clock = options.clock
    this.#life = options.life
    this.#confirmedAt = options.sentAt
    this.lastLockTimestamp = options.clock.now()
  }

  /** Whether a step may be taken now: a call, or a commit. To be asked before every one. */
  get held(): boolean {
    return !this.#loss.signal.aborted && this.#age() <= this.#life.memberMs
  }

  /** Aborted when the lock is lost, or may have been another member's for a while: nothing that was known holds then. */
  get lost(): AbortSignal {
    return this.#loss.signal
  }

  /** The time in which another member could not have had the lock is over. */
  get isForfeit(): boolean {
    return this.#age() > this.#life.brokerMs * CERTAIN
  }

  /** The broker has granted it again; to be called only where it is not forfeit. */
  confirm(sentAt: number): void {
    if (this.#loss.signal.aborted) return
    this.#confirmedAt = sentAt
    this.lastLockTimestamp = this.#clock.now()
    if (this.held) this.#settle(true)
  }

  /** It is not ours any more; for good. */
  lose(): void {
    if (this.#loss.signal.aborted) return
    this.#loss.abort(new DOMException('the lock of the queue is lost', 'AbortError'))
    this.#settle(false)
  }

  /** Resolves to whether it is held, as soon as that is certain: at once, after the next renewal, or when it is lost. */
  async settled(): Promise<boolean> {
    if (this.held || this.#loss.signal.aborted) return this.held
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  #age(): number {
    return this.#clock.monotonic() - this.#confirmedAt
  }

  #settle(held: boolean): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const tell of waiting) tell(held)
  }
}
