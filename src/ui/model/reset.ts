import type { ResetScope } from '../../core/telemetry/index.ts'

/** The line in which a position is typed. */
export interface ResetPrompt {
  /** What it may be of; never empty. */
  readonly scopes: readonly ResetScope[]
  /** Which of them is chosen. */
  readonly chosen: number
  readonly text: string
  /** What was wrong with what was typed. */
  readonly problem: string | undefined
  /** The plan is being made. */
  readonly planning: boolean
}

/** What is chosen in a prompt. */
export function scopeOf({ scopes, chosen }: ResetPrompt): ResetScope {
  return scopes[chosen] ?? { group: '', topics: [], queue: undefined }
}

/** A scope in words: `orders broker-a:0`, `all queues of orders`. */
export function scopeText({ group, topics, queue }: ResetScope): string {
  const [topic = '', ...others] = topics
  if (queue !== undefined) return `${topic} ${queue} of ${group}`
  return others.length === 0 ? `all queues of ${topic} of ${group}` : `all ${topics.length} topics of ${group}`
}
