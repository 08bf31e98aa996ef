import type { RocketMQError } from '../../core/errors.ts'

/** Failures told one by one; more are only counted. */
const TOLD_FAILURES = 10

/** A message that was not sent. */
export interface Failure {
  /** Where it stands in the input, e.g. `line 17`. */
  readonly where: string
  readonly error: RocketMQError
}

/** Counts what became of messages. */
export class Tally {
  readonly #say: (line: string) => void
  readonly #failures: Failure[] = []
  #sent = 0
  #bytes = 0
  #failed = 0
  #unsure = 0
  #inARow = 0

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Messages a broker has stored; sent one-way: that were put on the wire. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes of their bodies. */
  get bytes(): number {
    return this.#bytes
  }

  get failed(): number {
    return this.#failed
  }

  /** Stored, but not yet on disk or on a replica when the broker answered. */
  get unsure(): number {
    return this.#unsure
  }

  /** Failures since the last message that was sent. */
  get failedInARow(): number {
    return this.#inARow
  }

  /** The first failures, at most ten. */
  get failures(): readonly Failure[] {
    return this.#failures
  }

  succeeded(bodyBytes: number, fullyStored: boolean): void {
    this.#sent++
    this.#bytes += bodyBytes
    this.#inARow = 0
    if (!fullyStored) this.#unsure++
  }

  /** Tells the first few, with where in the input the message stands, unless that is told otherwise. */
  refused(failure: Failure, options: { readonly tell: boolean } = { tell: true }): void {
    this.#failed++
    this.#inARow++
    if (this.#failures.length >= TOLD_FAILURES) return
    this.#failures.push(failure)
    if (!options.tell) return
    this.#say(`not sent: ${failure.where}: ${failure.error.message}`)
    if (this.#failures.length === TOLD_FAILURES) this.#say('further failures are counted, not told')
  }
}
