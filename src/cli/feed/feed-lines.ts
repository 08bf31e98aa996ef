import type { QueueSnapshot, Snapshot, TelemetryEvent } from '../../core/telemetry/index.ts'

/** A snapshot for people: a line for each group, and one for each queue that is not simply fine. */
export function snapshotLines({ asOf, groups }: Snapshot): string[] {
  return groups.flatMap(({ group, queues, totals }) => {
    const { rates } = totals
    const rate =
      rates === null ? '' : `, in ${tenth(rates.in)}/s ok ${tenth(rates.ok)}/s failed ${tenth(rates.failed)}/s`
    const sums = `lag ${known(totals.lag)}, cached ${known(totals.cached)}, in flight ${known(totals.inflight)}`
    const head = `${time(asOf)} ${group}: ${queues.length} queues, ${sums}${rate}`
    return [head, ...queues.filter(({ state }) => state !== 'OK').map((queue) => queueLine(queue, asOf))]
  })
}

function queueLine(queue: QueueSnapshot, asOf: number): string {
  const { topic, broker, headSince, headOffset, pressure } = queue
  const age = headSince === null ? '' : `, head ${known(headOffset)} for ${Math.round((asOf - headSince) / 1000)} s`
  const used = pressure === null ? '' : `, ${Math.round(pressure.used * 100)} % of its ${pressure.limit} limit`
  return `  ${topic} ${broker}:${queue.queue} ${queue.state}: cached ${known(queue.cached)}${used}${age}`
}

/** What every line of a feed shares is not in it: the group and the client. */
const SHARED: readonly string[] = ['type', 'at', 'group', 'clientId']

/** An event for people: its type, and what it says. */
export function eventLine(event: TelemetryEvent): string {
  const details = Object.entries(event).filter(([name]) => !SHARED.includes(name))
  const words = details.map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
  return `${time(event.at)} ${event.type} ${words.join(' ')}`
}

function time(at: number): string {
  return new Date(at).toISOString()
}

function known(value: number | null): string {
  return value === null ? '?' : String(value)
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
