/** Runs `fn` after the current call stack and before anything new is read from a socket. */
export function soon(fn: () => void): void {
  process.nextTick(fn)
}

/** Runs `fn` after pending input and timers had their turn: how a long series of short work stays polite. */
export function afterInput(fn: () => void): void {
  setImmediate(fn)
}
