import { isAbort, RocketMQError } from '../../core/errors.ts'
import { abortReason, type Clock } from '../../core/support/index.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import { slept } from './slept.ts'

/** What looks, and how often. */
export interface LookAgainOptions {
  readonly look: (signal: AbortSignal) => Promise<Snapshot>
  /** From the beginning of a look to that of the next, or its end if that is later. */
  readonly intervalMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Snapshots without end, until the command is interrupted; rejects when its time is over. The first look must succeed; when a later one fails, the last picture
 * comes again with its age, and says so.
 */
export async function* lookAgain(options: LookAgainOptions): AsyncGenerator<Snapshot> {
  const { look, intervalMs, clock, signal } = options
  let last: Snapshot | undefined
  for (;;) {
    const began = clock.monotonic()
    try {
      last = await look(signal)
      yield last
    } catch (error) {
      if (isAborted(signal)) break
      if (last === undefined || !(error instanceof RocketMQError)) throw error
      yield stale(last, error)
    }
    if (!(await slept(Math.max(0, began + intervalMs - clock.monotonic()), { clock, signal }))) break
  }
  if (!isAbort(signal.reason)) throw abortReason(signal)
}

/** `asOf` stays: it is what tells how old the picture is. */
function stale(last: Snapshot, error: RocketMQError): Snapshot {
  const subject = 'the cluster'
  const others = last.errors.filter((one) => one.subject !== subject)
  return { ...last, partial: true, errors: [...others, { subject, message: error.message }] }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
