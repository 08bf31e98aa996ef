import type { Clock } from '../../core/support/index.ts'

/** Sleeps; resolves to whether nothing put an end to it. */
export async function slept(
  delayMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    await clock.sleep(delayMs, { signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
