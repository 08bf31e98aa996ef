import { abortReason, type Clock } from './clock.ts'

/** The result of a job that others may share, unless the signal aborts first; the job goes on for them. */
export function unlessAborted<T>(job: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return job
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal))
    }
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    job.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort)
    })
  })
}

/** The result of a job, unless it takes longer than `ms`: rejects then with what `late` makes, and the job goes on. */
export function unlessLate<T>(
  job: Promise<T>,
  options: { readonly clock: Clock; readonly ms: number; readonly late: () => Error },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = options.clock.after(options.ms, () => {
      reject(options.late())
    })
    job.then(resolve, reject).finally(() => {
      timer.cancel()
    })
  })
}
