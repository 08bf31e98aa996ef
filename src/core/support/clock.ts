/** The only source of time. Tests pass a virtual one; nothing else may call `Date.now` or a global timer. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Milliseconds from an arbitrary start, never going backwards. */
  monotonic(): number
  /** Calls `fn` once after `delayMs`, unless the returned timer is cancelled first. */
  after(delayMs: number, fn: () => void): Timer
  /** Resolves after `delayMs`; rejects with the signal's reason as soon as it aborts. */
  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/** A pending call. Cancelling one that has run, or twice, does nothing. */
export interface Timer {
  cancel(): void
}

/** Builds a clock's `sleep` from its `after`, so that every clock cancels alike. */
export function sleepWith(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal))
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      if (signal) reject(abortReason(signal))
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** The reason of an aborted signal as an error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError')
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Not performance.now(): the first use of that takes 1.5 ms.
  monotonic: () => {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1_000_000
  },
  after: (delayMs, fn) => {
    const handle = setTimeout(fn, delayMs)
    return {
      cancel: () => {
        clearTimeout(handle)
      },
    }
  },
  sleep: (delayMs, options) => sleepWith(systemClock, delayMs, options?.signal),
}
