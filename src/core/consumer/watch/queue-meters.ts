import { type MessageQueue, QueueMap } from '../../protocol/index.ts'
import { type Latency, RollingLatency } from '../../telemetry/index.ts'
import type { ConsumeOutcome } from '../consume/call-settlement.ts'

/** Six spans of ten seconds are the last minute. */
const SPAN_MS = 10_000
/** Nothing is measured any more when nobody has asked for so long. */
const IDLE_MS = 60_000

/** How long listener calls of each queue took in the last minute; measured only while somebody asks for it. */
export class QueueMeters {
  #queues: QueueMap<RollingLatency> | undefined
  #askedAt = 0
  #spanAt = 0

  /** Calls of a queue have ended. Several that ended together count as taking equally long. */
  consumed(queue: MessageQueue, { calls, millis }: ConsumeOutcome): void {
    if (this.#queues === undefined || calls === 0) return
    let rolling = this.#queues.get(queue)
    if (rolling === undefined) {
      rolling = new RollingLatency()
      this.#queues.set(queue, rolling)
    }
    rolling.record(millis / calls, calls)
  }

  /** Somebody looks: it is measured from now on. */
  ask(now: number): void {
    this.#askedAt = now
    if (this.#queues !== undefined) return
    this.#queues = new QueueMap()
    this.#spanAt = now
  }

  /** Lets time pass; to be called every second or so. */
  tick(now: number): void {
    if (this.#queues === undefined) return
    if (now - this.#askedAt > IDLE_MS) this.#queues = undefined
    else if (now - this.#spanAt >= SPAN_MS) {
      this.#spanAt = now
      this.#queues.forEach((rolling) => {
        rolling.roll()
      })
    }
  }

  /** Of one queue; `null` when nothing was measured. */
  latency(queue: MessageQueue): Latency | null {
    return this.#queues?.get(queue)?.latency ?? null
  }
}
