import type { Metric } from '../../src/cli/metrics/exposition.ts'
import { metricLabels, metrics } from '../../src/cli/metrics/metrics.ts'

/** docs/metrics.md: every metric, from the table that the endpoint is made of. */
export function metricsPage(): string {
  const of = (prefix: string): Metric[] => Object.values(metrics).filter(({ name }) => name.startsWith(prefix))
  return `${[
    '# Metrics',
    '<!-- Written by `npm run docs` from src/cli/metrics/metrics.ts; edit there. -->',
    `For Prometheus, from two places: \`mq metrics -g GROUP\` serves a group whatever its members are written in, by asking its brokers and, through
them, its members whenever somebody scrapes; \`mq consume … --metrics-port PORT\` serves what one consumer knows of itself and its queues,
without asking anybody. Both listen at 127.0.0.1 unless the port is written \`HOST:PORT\`. \`mq metrics -g GROUP --once\` writes to stdout.`,
    `[grafana-board.json](grafana-board.json) is a board of them for Grafana. What is not known is left out and never 0: counts, latencies and
in-flight messages are known of our own consumers only; times of heads need two scrapes with \`mq metrics\`.`,
    '## Of the look itself',
    table(of('mq_snapshot_')),
    `## Of a group\n\nLabels: ${names(metricLabels.group)}.`,
    table(of('mq_group_')),
    `## Of a queue\n\nLabels: ${names(metricLabels.queue)}. \`mq_queue_pressure_ratio\` has \`limit\` (count, bytes or span) as well, \`mq_queue_state\` has \`state\`,
\`mq_queue_consume_seconds\` has \`quantile\`. Queue -1 is one that is popped from any of its broker.`,
    table(of('mq_queue_')),
    `## Of a member\n\nLabels: ${names(metricLabels.client)}. \`mq_client_info\` has \`language\`, \`version\`, \`strategy\` and \`orderly\` as well.`,
    table(of('mq_client_')),
    alerts,
  ].join('\n\n')}\n`
}

const alerts = `## Worth an alert

\`\`\`yaml
- alert: BacklogGrowsOld
  expr: time() - mq_group_oldest_unread_timestamp_seconds > 300
- alert: QueueIsStuck
  expr: mq_queue_state{state=~"BLOCK|STALL|NOOWNER|TWOOWNERS|NOLOCK"} == 1
  for: 2m
- alert: SomebodyDoesNotAnswer
  expr: mq_snapshot_errors > 0
  for: 5m
\`\`\``

function names(labels: readonly string[]): string {
  return labels.map((label) => `\`${label}\``).join(', ')
}

function table(rows: readonly Metric[]): string {
  const lines = rows.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`)
  return ['| metric | | |', '| --- | --- | --- |', ...lines].join('\n')
}
