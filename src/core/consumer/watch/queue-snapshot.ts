import { type FlowLimits, type QueueSnapshot, queuePressure, queueState } from '../../telemetry/index.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { Pause } from '../pause.ts'
import type { PopQueue } from '../pop/pop-table.ts'
import type { ProcessQueue } from '../process-queue.ts'
import type { HeldQueue } from '../process-queue-table.ts'
import { heldFacts } from './held-facts.ts'
import type { QueueMeters } from './queue-meters.ts'

/** What a queue is looked at with. */
export interface QueueLook {
  readonly clientId: string
  readonly now: number
  readonly limits: FlowLimits
  /** All listener calls that may be made are being made. */
  readonly saturated: boolean
  readonly offsets: Pick<OffsetStore, 'inMemory'>
  readonly pause: Pick<Pause, 'holds'>
  readonly meters: Pick<QueueMeters, 'latency'>
  /** A topic of the wire as the user calls it. */
  readonly userName: (topic: string) => string
}

/** A queue that is pulled. Its bounds are those its broker told with the last answer. */
export function heldQueueSnapshot(held: HeldQueue, look: QueueLook): QueueSnapshot {
  const { messageQueue, processQueue, pullLoop } = held
  const { committed, cached, cachedBytes, span, lastPull, lock } = heldFacts(held, look.offsets)
  const bounds = pullLoop.bounds
  // What was consumed since that answer may be more than it knew of.
  const max = bounds === undefined ? null : Math.max(bounds.max, committed)
  const lag = max === null ? null : max - committed
  const facts = {
    ...common(processQueue, look),
    lag,
    cached,
    cachedBytes,
    span,
    locked: lock?.held ?? null,
    paused: look.pause.holds(messageQueue),
    lastPull,
  }
  return {
    ...name(messageQueue, look),
    ...facts,
    min: bounds?.min ?? null,
    max,
    committed,
    oldestUnread: processQueue.head?.storeTimestamp ?? null,
    lastConsume: processQueue.lastConsumeTimestamp,
    headOffset: cached === 0 ? null : processQueue.bounds.min,
    pressure: queuePressure({ ...facts, limits: look.limits }),
    state: queueState({ ...facts, ...measures(look), heldBack: pullLoop.heldBack }),
    latency: look.meters.latency(messageQueue),
  }
}

/** A queue that is popped, or any of a broker (-1): nobody owns it alone, and there is no offset that would say how far it is. */
export function popQueueSnapshot({ messageQueue, processQueue }: PopQueue, look: QueueLook): QueueSnapshot {
  const { count: cached, sizeBytes: cachedBytes } = processQueue.backlog
  const facts = {
    ...common(processQueue, look),
    cached,
    cachedBytes,
    span: null,
    locked: null,
    paused: look.pause.holds(messageQueue),
    lastPull: processQueue.lastPullTimestamp,
  }
  return {
    ...name(messageQueue, look),
    ...facts,
    min: null,
    max: null,
    committed: null,
    lag: null,
    oldestUnread: processQueue.head?.storeTimestamp ?? null,
    lastConsume: processQueue.lastConsumeTimestamp,
    headOffset: null,
    pressure: queuePressure({ ...facts, limits: look.limits }),
    // Only the lag is not known, and that is no fault.
    state: queueState({ ...facts, ...measures(look), lag: cached }),
    latency: look.meters.latency(messageQueue),
  }
}

function measures({ limits, now, saturated }: QueueLook) {
  return { limits, asOf: now, saturated }
}

function name(
  { topic, brokerName, queueId }: HeldQueue['messageQueue'],
  { userName }: QueueLook,
): Pick<QueueSnapshot, 'topic' | 'broker' | 'queue'> {
  return { topic: userName(topic), broker: brokerName, queue: queueId }
}

function common(
  processQueue: ProcessQueue,
  { clientId, now }: QueueLook,
): Pick<QueueSnapshot, 'owners' | 'inflight' | 'headSince'> {
  processQueue.look(now)
  return {
    owners: [clientId],
    inflight: Math.max(0, processQueue.backlog.count - processQueue.ready),
    headSince: processQueue.headSince ?? null,
  }
}
