import { RocketMQError } from '../../errors.ts'

/** Somebody who did not answer, and why. */
export interface SourceError {
  /** A broker, a member, or a name server. */
  readonly source: string
  readonly error: RocketMQError
}

/** Collects what goes wrong while many are asked at once: one that fails does not keep the others from answering. */
export class FanOut {
  readonly #errors = new Map<string, RocketMQError>()

  /** The first error of each source. */
  get errors(): readonly SourceError[] {
    return [...this.#errors].map(([source, error]) => ({ source, error }))
  }

  /** What a source answers; `undefined`, and a note of it, when it fails. Rejects only for faults of ours and aborts. */
  async ask<T>(source: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question()
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      this.note(source, error)
      return undefined
    }
  }

  note(source: string, error: RocketMQError): void {
    if (!this.#errors.has(source)) this.#errors.set(source, error)
  }

  errorOf(source: string): RocketMQError | undefined {
    return this.#errors.get(source)
  }
}
