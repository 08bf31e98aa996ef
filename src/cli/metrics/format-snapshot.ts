import type { ClientSnapshot, GroupSnapshot, QueueSnapshot, Snapshot } from '../../core/telemetry/index.ts'
import { Exposition, type Labels } from './exposition.ts'
import { metrics } from './metrics.ts'

/** A snapshot as Prometheus reads it. What is not known is left out, and never 0. */
export function formatSnapshot(snapshot: Snapshot): string {
  const exposition = new Exposition()
  exposition.add(metrics.asOf, {}, snapshot.asOf / 1000)
  exposition.add(metrics.errors, {}, snapshot.errors.length)
  for (const group of snapshot.groups) addGroup(exposition, group)
  for (const { group, queues } of snapshot.groups) for (const queue of queues) addQueue(exposition, group, queue)
  for (const { group, clients } of snapshot.groups) for (const client of clients) addClient(exposition, group, client)
  return exposition.text
}

function addGroup(exposition: Exposition, { group, clients, totals }: GroupSnapshot): void {
  const labels = { group }
  exposition.add(metrics.members, labels, clients.length)
  exposition.add(metrics.lag, labels, totals.lag)
  exposition.add(metrics.retryLag, labels, totals.retryLag)
  exposition.add(metrics.dlq, labels, totals.dlq)
  exposition.add(metrics.oldestUnread, labels, seconds(totals.oldestUnread))
}

function addQueue(exposition: Exposition, group: string, queue: QueueSnapshot): void {
  const labels: Labels = { group, topic: queue.topic, broker: queue.broker, queue: queue.queue }
  exposition.add(metrics.queueLag, labels, queue.lag)
  exposition.add(metrics.queueMax, labels, queue.max)
  exposition.add(metrics.queueCommitted, labels, queue.committed)
  exposition.add(metrics.queueCached, labels, queue.cached)
  exposition.add(metrics.queueCachedBytes, labels, queue.cachedBytes)
  exposition.add(metrics.queueSpan, labels, queue.span)
  exposition.add(metrics.queueInflight, labels, queue.inflight)
  exposition.add(metrics.queueHead, labels, seconds(queue.headSince))
  exposition.add(metrics.queueLastPull, labels, seconds(queue.lastPull))
  exposition.add(metrics.queueOwners, labels, queue.owners.length)
  exposition.add(metrics.queuePressure, { ...labels, limit: queue.pressure?.limit ?? '' }, queue.pressure?.used)
  exposition.add(metrics.queueState, { ...labels, state: queue.state }, 1)
  if (queue.latency === null) return
  const { p50, p95, p99, max } = queue.latency
  for (const [quantile, millis] of [
    ['0.5', p50],
    ['0.95', p95],
    ['0.99', p99],
    ['1', max],
  ] as const) {
    exposition.add(metrics.queueLatency, { ...labels, quantile }, seconds(millis))
  }
}

function addClient(exposition: Exposition, group: string, client: ClientSnapshot): void {
  const labels = { group, client: client.clientId }
  const { language, version, strategy, orderly } = client
  const told = {
    language: language ?? '',
    version: version ?? '',
    strategy: strategy ?? '',
    orderly: String(orderly ?? ''),
  }
  exposition.add(metrics.client, { ...labels, ...told }, 1)
  exposition.add(metrics.clientQueues, labels, client.queues)
  exposition.add(metrics.clientConcurrency, labels, client.concurrency)
  exposition.add(metrics.clientIn, labels, client.rates?.in)
  exposition.add(metrics.clientOk, labels, client.rates?.ok)
  exposition.add(metrics.clientFailed, labels, client.rates?.failed)
  exposition.add(metrics.clientConsume, labels, seconds(client.consumeMillis))
  exposition.add(metrics.clientInTotal, labels, client.counts?.in)
  exposition.add(metrics.clientOkTotal, labels, client.counts?.ok)
  exposition.add(metrics.clientFailedTotal, labels, client.counts?.failed)
}

function seconds(millis: number | null): number | null {
  return millis === null ? null : millis / 1000
}
