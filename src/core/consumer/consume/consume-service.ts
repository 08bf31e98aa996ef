import type { ProcessQueue } from '../process-queue.ts'

/**
 * Calls the listener with what the queues hold (`ConsumeMessageService.java`). The engine knows it by this alone,
 * whichever way of consuming is behind it.
 */
export interface ConsumeService {
  /** Calls allowed at once; a lower number takes effect as running calls end. */
  concurrency: number
  /** Calls in flight that did not end at once. */
  readonly inFlight: number
  /** The queues held are others now, and so is the fair share of each. */
  heldQueuesChanged(): void
  /** A queue has messages to take. */
  submit(processQueue: ProcessQueue): void
  /** What is running, for people: a line a call, the oldest first. */
  describe(): string
  /** Starts no more calls; what waits to be consumed again stays unfinished. */
  stop(): void
  /** Resolves to true when no call runs or is to be acknowledged (for `of`, if given), or to false after `timeoutMs`. */
  drained(timeoutMs: number, of?: ProcessQueue): Promise<boolean>
  /** Deals with calls that take longer than the consume timeout; called by the consumer's clock. */
  expire(): Promise<void>
}
