import { EventRelay, loggedEvents } from '../dashboard/event-relay.ts'
import { processSource, type WatchedConsumer } from '../feed/process-source.ts'
import { snapshotsOf } from '../feed/source.ts'
import type { ConsumeRun } from './consume-run.ts'
import type { Stopping } from './stopping.ts'

/** Snapshots per second: what is drawn beside a consumer is taken from its time. */
const RATE = 1

/** Draws how a consumer of this process stands. Whoever quits ends the command, in order. */
export function openScreen(
  { stopping, draw }: { readonly stopping: Stopping; readonly draw: NonNullable<ConsumeRun['draw']> },
  watched: WatchedConsumer,
): { close(): Promise<void> } {
  const { signal } = stopping
  const events = new EventRelay()
  const source = processSource({ ...watched, rate: RATE, events: loggedEvents, signal })
  const drawn = draw({ snapshots: snapshotsOf(source, events.tell), events }, signal).then(
    () => stopping.stop('quit'),
    (error: unknown) => stopping.stop('error', error),
  )
  return { close: () => drawn }
}
