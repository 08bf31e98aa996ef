import { setMaxListeners } from 'node:events'

/** Aborts with the first of some signals. As many as like may listen to it: every request does, and that is no leak. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any([...signals])
  setMaxListeners(0, signal)
  return signal
}
