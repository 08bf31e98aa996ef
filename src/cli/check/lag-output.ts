import type { CommandContext } from '../command-context.ts'
import { formatDuration } from '../duration.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead, type PartialError } from '../output/list.ts'
import { printable } from '../output/printable.ts'
import type { LagFigures, LagLimits, LagVerdict } from './judge-lag.ts'

/** What `check lag --format` takes. */
export const lagFormats = ['text', 'json', 'nagios', 'prometheus'] as const

/** How the result is written. */
export type LagFormat = (typeof lagFormats)[number]

/** A result to be written. */
export interface LagReport {
  /** As the user calls it, as are the topics. */
  readonly group: string
  readonly verdict: LagVerdict
  readonly limits: LagLimits
  readonly errors: readonly PartialError[]
}

/** A result as text, with its line ends. */
export function lagText(report: LagReport, format: LagFormat, context: Pick<CommandContext, 'clock'>): string {
  switch (format) {
    case 'text':
      return `${textLine(report)}\n`
    case 'nagios':
      return `${nagiosLine(report)}\n`
    case 'json':
      return `${jsonDocument(jsonOf(report, context))}\n`
    case 'prometheus':
      return prometheusText(report)
  }
}

function textLine({ group, verdict: { status, figures, problems } }: LagReport): string {
  const why = problems.length === 0 ? '' : `: ${problems.join('; ')}`
  return printable(`${status.toUpperCase()} ${group}${why} (${figuresText(figures)})`)
}

function figuresText({ lag, oldestUnreadAgeMs, unknown, retryLag, dlq, members }: LagFigures): string {
  return [
    `lag ${lag}`,
    ...(oldestUnreadAgeMs === null ? [] : [`oldest unread ${formatDuration(oldestUnreadAgeMs)}`]),
    ...(unknown === 0 ? [] : [`${unknown} queues not known`]),
    `retry lag ${retryLag}`,
    `dead letters ${dlq ?? 'not known'}`,
    members === 0 ? 'nobody online' : `${members} online`,
  ].join(', ')
}

/** A line as the plugins of Nagios write it: what it is, then figures with their limits behind a bar. */
function nagiosLine({ group, verdict: { status, figures, problems }, limits }: LagReport): string {
  const { lag, oldestUnreadAgeMs, retryLag, dlq, unknown } = figures
  const perf = [
    `lag=${lag};${limits.warn ?? ''};${limits.max ?? ''};0`,
    ...(oldestUnreadAgeMs === null
      ? []
      : [`age=${seconds(oldestUnreadAgeMs)}s;${secondsOf(limits.warnAgeMs)};${secondsOf(limits.maxAgeMs)};0`]),
    `retry_lag=${retryLag};;${limits.maxRetry ?? ''};0`,
    ...(dlq === null ? [] : [`dlq=${dlq};;${limits.maxDlq ?? ''};0`]),
    `unknown_queues=${unknown};;;0`,
  ]
  const what = problems.length === 0 ? figuresText(figures) : problems.join('; ')
  return printable(`LAG ${status.toUpperCase()} - ${group}: ${what.replaceAll('|', '/')} | ${perf.join(' ')}`)
}

/** The line of a plugin that could not find anything out. */
export function nagiosUnknown(group: string, message: string): string {
  return `${printable(`LAG UNKNOWN - ${group}: ${message.replaceAll('|', '/')}`)}\n`
}

function seconds(millis: number): number {
  return Number((millis / 1000).toFixed(3))
}

function secondsOf(millis: number | undefined): string {
  return millis === undefined ? '' : String(seconds(millis))
}

function jsonOf(
  { group, verdict: { status, figures, problems }, limits, errors }: LagReport,
  context: Pick<CommandContext, 'clock'>,
) {
  const { byTopic, ...totals } = figures
  const set = Object.entries(limits).map(([name, value]: [string, number | undefined]) => [name, value ?? null])
  return {
    ...documentHead(context),
    group,
    status,
    ...totals,
    topics: byTopic,
    problems,
    limits: Object.fromEntries(set) as Record<keyof LagLimits, number | null>,
    partial: status === 'unknown' || errors.length > 0,
    errors,
  }
}

/** Prometheus' text format, for a file its node exporter collects. */
function prometheusText({ group, verdict: { status, figures } }: LagReport): string {
  const label = `group="${escaped(group)}"`
  const gauge = (name: string, help: string, samples: readonly (readonly [labels: string, value: number])[]): string =>
    samples.length === 0
      ? ''
      : [
          `# HELP mq_group_${name} ${help}`,
          `# TYPE mq_group_${name} gauge`,
          ...samples.map(([labels, value]) => `mq_group_${name}{${labels}} ${value}`),
          '',
        ].join('\n')
  const byTopic = figures.byTopic.map((one) => ({ ...one, labels: `${label},topic="${escaped(one.topic)}"` }))
  const ages = byTopic.flatMap(({ labels, oldestUnreadAgeMs: age }) =>
    age === null ? [] : [[labels, seconds(age)] as const],
  )
  return [
    gauge('lag_messages', 'Messages that wait to be consumed, of queues where it is known.', [
      ...byTopic.map(({ labels, lag }) => [labels, lag] as const),
    ]),
    gauge('oldest_unread_seconds', 'How long the oldest message that is not consumed has been stored.', ages),
    gauge('retry_lag_messages', 'Messages that failed and are due again.', [[label, figures.retryLag]]),
    gauge('dead_letters', 'Messages that were given up.', figures.dlq === null ? [] : [[label, figures.dlq]]),
    gauge('members', 'Members that are online.', [[label, figures.members]]),
    gauge('unknown_queues', 'Queues whose lag nobody tells.', [[label, figures.unknown]]),
    gauge('lag_status', '0: ok, 1: warning, 2: critical, 3: unknown.', [[label, nagiosCodes[status]]]),
  ].join('')
}

/** Exit codes of Nagios' plugins. */
export const nagiosCodes = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const

function escaped(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
