import type { Metric } from './exposition.ts'

function gauge(name: string, help: string): Metric {
  return { name, type: 'gauge', help }
}

function counter(name: string, help: string): Metric {
  return { name, type: 'counter', help }
}

/** Every metric, in the order of docs/metrics.md, which is made of this. Names are never changed; some may be added. */
export const metrics = {
  asOf: gauge('mq_snapshot_timestamp_seconds', 'When the figures were taken.'),
  errors: gauge('mq_snapshot_errors', 'How many brokers and members did not answer; their figures are missing.'),
  members: gauge('mq_group_members', 'Members of the group.'),
  lag: gauge('mq_group_lag_messages', 'Messages stored and not committed, without the retry topic.'),
  retryLag: gauge('mq_group_retry_lag_messages', 'The same of the retry topic.'),
  dlq: gauge('mq_group_dlq_messages', 'Dead letters of the group.'),
  oldestUnread: gauge('mq_group_oldest_unread_timestamp_seconds', 'When the oldest unread message was stored.'),
  queueLag: gauge('mq_queue_lag_messages', 'Messages of the queue stored and not committed.'),
  queueMax: gauge('mq_queue_max_offset', 'One past the last offset of the queue.'),
  queueCommitted: gauge('mq_queue_committed_offset', 'The committed offset.'),
  queueCached: gauge('mq_queue_cached_messages', 'Pulled and not finished.'),
  queueCachedBytes: gauge('mq_queue_cached_bytes', 'Bytes of what is pulled and not finished.'),
  queueSpan: gauge('mq_queue_span_offsets', 'From the lowest unfinished to the highest pulled offset.'),
  queueInflight: gauge('mq_queue_inflight_messages', 'Handed to a listener and not finished.'),
  queueHead: gauge('mq_queue_head_timestamp_seconds', 'Since when the lowest unfinished message has been that.'),
  queueLastPull: gauge('mq_queue_last_pull_timestamp_seconds', 'When the queue was last pulled.'),
  queueOwners: gauge('mq_queue_owners', 'Members that hold the queue: 1, or something is wrong.'),
  queuePressure: gauge('mq_queue_pressure_ratio', 'How much of the limit of flow control that bites first is used.'),
  queueState: gauge(
    'mq_queue_state',
    'Always 1; the label says the state: OK, BUSY, FLOW, BLOCK, STALL, PAUSED, NOLOCK, NOOWNER, TWOOWNERS, UNKNOWN.',
  ),
  queueLatency: gauge(
    'mq_queue_consume_seconds',
    'How long listener calls took in the last minute, by quantile; 1 is the longest.',
  ),
  client: gauge('mq_client_info', 'Always 1; the labels say what a member is.'),
  clientQueues: gauge('mq_client_queues', 'Queues a member holds.'),
  clientConcurrency: gauge('mq_client_concurrency', 'Listener calls at once.'),
  clientIn: gauge('mq_client_pulled_messages_per_second', 'What a member pulls.'),
  clientOk: gauge('mq_client_consumed_messages_per_second', 'What a member consumes.'),
  clientFailed: gauge('mq_client_failed_messages_per_second', 'What fails at a member.'),
  clientConsume: gauge(
    'mq_client_consume_mean_seconds',
    'How long a listener call takes, on average of the last minute.',
  ),
  clientInTotal: counter('mq_client_pulled_messages_total', 'Messages pulled since the member was started.'),
  clientOkTotal: counter('mq_client_consumed_messages_total', 'Messages consumed since the member was started.'),
  clientFailedTotal: counter('mq_client_failed_messages_total', 'Messages that failed since the member was started.'),
} as const satisfies Readonly<Record<string, Metric>>

/** The labels of each kind of metric, beside `quantile`, `limit` and `state` where the metric has them. */
export const metricLabels = {
  group: ['group'],
  queue: ['group', 'topic', 'broker', 'queue'],
  client: ['group', 'client'],
} as const
