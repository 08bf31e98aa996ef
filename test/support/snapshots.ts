import type { ClientSnapshot, GroupSnapshot, QueueSnapshot, Snapshot } from '../../src/core/telemetry/index.ts'
import { EPOCH_MS } from './virtual-clock.ts'

/** A queue on which all goes well. */
export function queueOf(queue: number, told: Partial<QueueSnapshot> = {}): QueueSnapshot {
  return {
    topic: 'orders',
    broker: 'broker-a',
    queue,
    owners: ['10.0.0.7@4711#1'],
    min: 0,
    max: 1000,
    committed: 1000,
    lag: 0,
    oldestUnread: null,
    cached: 0,
    cachedBytes: 0,
    span: 0,
    inflight: null,
    headOffset: null,
    headSince: null,
    locked: null,
    paused: null,
    lastPull: EPOCH_MS - 100,
    lastConsume: EPOCH_MS - 100,
    pressure: { limit: 'count', used: 0 },
    state: 'OK',
    latency: null,
    ...told,
  }
}

/** A queue with so much waiting. */
export function lagging(queue: number, lag: number, told: Partial<QueueSnapshot> = {}): QueueSnapshot {
  return queueOf(queue, {
    max: 1000 + lag,
    lag,
    oldestUnread: EPOCH_MS - 42_000,
    cached: lag,
    cachedBytes: lag * 1024,
    span: lag,
    headOffset: 1000,
    headSince: EPOCH_MS - 1000,
    pressure: { limit: 'count', used: lag / 1000 },
    state: 'BUSY',
    ...told,
  })
}

export function clientOf(clientId: string, told: Partial<ClientSnapshot> = {}): ClientSnapshot {
  return {
    clientId,
    address: '10.0.0.7:1234',
    language: 'JAVA',
    version: '5.5.0',
    orderly: false,
    strategy: 'average',
    concurrency: 20,
    limits: { count: 1000, bytes: 100 * 1024 * 1024, span: 2000 },
    queues: 4,
    cached: 0,
    cachedBytes: 0,
    rates: { in: 100, ok: 95, failed: 5 },
    consumeMillis: 12,
    error: null,
    ...told,
  }
}

export function groupOf(queues: readonly QueueSnapshot[], told: Partial<GroupSnapshot> = {}): GroupSnapshot {
  const sum = (of: (queue: QueueSnapshot) => number | null): number =>
    queues.reduce((all, queue) => all + (of(queue) ?? 0), 0)
  return {
    group: 'billing',
    online: true,
    messageModel: 'CLUSTERING',
    clients: [clientOf('10.0.0.7@4711#1')],
    queues,
    totals: {
      lag: sum(({ lag }) => lag),
      retryLag: 0,
      dlq: 0,
      cached: sum(({ cached }) => cached),
      cachedBytes: sum(({ cachedBytes }) => cachedBytes),
      inflight: null,
      oldestUnread: EPOCH_MS - 42_000,
      rates: { in: 100, ok: 95, failed: 5 },
    },
    ...told,
  }
}

/** A snapshot of groups, so many ms after the first. */
export function snapshotOf(groups: readonly GroupSnapshot[], afterMs = 0, told: Partial<Snapshot> = {}): Snapshot {
  return {
    schemaVersion: 1,
    asOf: EPOCH_MS + afterMs,
    source: 'relay',
    cluster: 'prod',
    groups,
    partial: false,
    errors: [],
    ...told,
  }
}
