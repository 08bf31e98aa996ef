import type { PushConsumer } from '../../core/consumer/index.ts'
import type { Clock } from '../../core/support/index.ts'
import { onTelemetry, type Snapshot, type TelemetryEventType } from '../../core/telemetry/index.ts'
import type { HeldEnds } from './held-ends.ts'
import { Mailbox, type SourceItem } from './source.ts'

/** The consumer of this process, and what its cluster is called. */
export interface WatchedConsumer {
  readonly consumer: Pick<PushConsumer, 'snapshot'>
  readonly clock: Clock
  readonly cluster: string
  /** Knows how far queues go that are not pulled just now. */
  readonly ends?: Pick<HeldEnds, 'applied'> | undefined
}

/** How the consumer of this process stands. */
export function processSnapshot({ consumer, clock, cluster, ends }: WatchedConsumer): Snapshot {
  const seen = consumer.snapshot()
  const group = ends?.applied(seen) ?? seen
  return {
    schemaVersion: 1,
    asOf: clock.now(),
    source: 'process',
    cluster,
    groups: [group],
    partial: false,
    errors: [],
  }
}

/** What is to be told of it, and how often. */
export interface ProcessSourceOptions extends WatchedConsumer {
  /** Snapshots per second. */
  readonly rate: number
  readonly events: readonly TelemetryEventType[]
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Looks at the consumer of this process as a feed would tell of it. Ends with the signal. */
export async function* processSource(options: ProcessSourceOptions): AsyncGenerator<SourceItem> {
  const { clock, rate, events, signal } = options
  const mailbox = new Mailbox()
  const stopListening = onTelemetry(events, (event) => {
    mailbox.put({ type: 'event', event })
  })
  const end = (): void => {
    mailbox.end()
  }
  const look = (): void => {
    if (signal.aborted) return
    mailbox.put({ type: 'snapshot', snapshot: processSnapshot(options) })
    timer = clock.after(1000 / rate, look)
  }
  let timer = clock.after(0, look)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    yield* mailbox.taken()
  } finally {
    timer.cancel()
    stopListening()
    signal.removeEventListener('abort', end)
  }
}
