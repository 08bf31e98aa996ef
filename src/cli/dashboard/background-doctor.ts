import { setMaxListeners } from 'node:events'
import { RocketMQError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { examineGroups } from '../doctor/examine-groups.ts'
import { unknownLines } from '../doctor/unknown-lines.ts'
import { strategyKnowledge } from '../rebalance/strategy-knowledge.ts'

/** A finding of the doctor as a screen shows it. */
export interface ShownFinding {
  readonly id: string
  readonly severity: 'error' | 'warning'
  readonly group: string
  readonly subject: string
  readonly evidence: string
  readonly cause: string
  readonly next: string
}

/** What comes of examining the groups of a screen. */
export type FindingsNews =
  | { readonly kind: 'looking' }
  | {
      readonly kind: 'found'
      readonly at: number
      readonly findings: readonly ShownFinding[]
      readonly unknown: readonly string[]
    }
  | { readonly kind: 'failed'; readonly reason: string }

/** Who examines the groups of a screen. */
export interface FindingsSource {
  follow(listener: (news: FindingsNews) => void): () => void
  lookNow(): void
}

/** The first time, when the first picture is there. */
const FIRST_MS = 1500
/** From the end of an examination to the next: members are asked for more than a picture needs. */
const EVERY_MS = 30_000
/** That of `mq doctor`. */
const STUCK_AFTER_MS = 60_000

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/** Examines groups, given by their names on the wire, beside a screen that shows them: one examination at a time, and whatever fails is told. */
export class BackgroundDoctor implements FindingsSource {
  readonly #groups: readonly string[]
  readonly #parts: Parts
  readonly #ended = new AbortController()
  #listener: (news: FindingsNews) => void = () => undefined
  #timer: { cancel(): void } | undefined
  #isLooking = false

  constructor(groups: readonly string[], parts: Parts) {
    this.#groups = groups
    this.#parts = parts
  }

  follow(listener: (news: FindingsNews) => void): () => void {
    this.#listener = listener
    this.#lookIn(FIRST_MS)
    return () => {
      this.#listener = () => undefined
      this.#timer?.cancel()
      this.#ended.abort()
    }
  }

  lookNow(): void {
    if (this.#isLooking || this.#ended.signal.aborted) return
    this.#timer?.cancel()
    this.#look()
  }

  #lookIn(delayMs: number): void {
    if (this.#ended.signal.aborted) return
    this.#timer = this.#parts.context.clock.after(delayMs, () => this.lookNow())
  }

  #look(): void {
    this.#isLooking = true
    this.#listener({ kind: 'looking' })
    const done = (news: FindingsNews): void => {
      this.#isLooking = false
      this.#listener(news)
      this.#lookIn(EVERY_MS)
    }
    this.#examine().then(done, (error: unknown) => done({ kind: 'failed', reason: reasonOf(error) }))
  }

  async #examine(): Promise<FindingsNews> {
    const { context, connection } = this.#parts
    const signal = AbortSignal.any([context.signal, this.#ended.signal])
    // Every request listens, and that is no leak.
    setMaxListeners(0, signal)
    const knowledgeOf = (group: string) => strategyKnowledge(group, undefined)
    const request = { topic: undefined, stuckAfterMs: STUCK_AFTER_MS, knowledgeOf }
    const examined = await examineGroups(this.#groups, request, { context: { ...context, signal }, connection })
    const findings = examined.flatMap(({ group, findings: found }) =>
      found.map(({ id, severity, subject, evidence, cause, next }) => ({
        ...{ id, severity, group, subject, evidence, cause, next },
      })),
    )
    return { kind: 'found', at: context.clock.now(), findings, unknown: unknownLines(examined) }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RocketMQError) return error.message
  return `this is a fault of mq: ${error instanceof Error ? error.message : String(error)}`
}
