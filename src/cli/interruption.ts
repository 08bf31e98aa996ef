/** Signals that ask a command to end, with the exit code of one that did because of it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** A signal that asks a command to end. */
export type EndSignal = keyof typeof EXIT_CODES

/** What of the process is listened to. */
export interface SignalSource {
  on(event: EndSignal, listener: () => void): unknown
  removeListener(event: EndSignal, listener: () => void): unknown
  exit(code: number): void
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that a command can end in order; a second one of any kind
 * leaves at once with 128 + its number.
 */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #source: SignalSource
  readonly #listeners = new Map<EndSignal, () => void>()
  #caught: EndSignal | undefined

  constructor(source: SignalSource) {
    this.#source = source
    for (const signal of Object.keys(EXIT_CODES) as EndSignal[]) {
      const listener = (): void => {
        this.#received(signal)
      }
      this.#listeners.set(signal, listener)
      source.on(signal, listener)
    }
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The signal that was caught, if any. */
  get caught(): EndSignal | undefined {
    return this.#caught
  }

  /** The exit code of a command that ended because of a signal; `undefined` when none came. */
  get exitCode(): number | undefined {
    return this.#caught === undefined ? undefined : EXIT_CODES[this.#caught]
  }

  /** Stops listening. */
  release(): void {
    for (const [signal, listener] of this.#listeners) this.#source.removeListener(signal, listener)
    this.#listeners.clear()
  }

  #received(signal: EndSignal): void {
    if (this.#caught !== undefined) {
      this.#source.exit(EXIT_CODES[signal])
      return
    }
    this.#caught = signal
    this.#controller.abort(new DOMException(`interrupted by ${signal}`, 'AbortError'))
  }
}
