import { type MessageExt, type SubscriptionData, sqlFilter } from '../../protocol/index.ts'

/** A copy of a message that a group could not consume. */
export interface MessageCopy {
  /** `delayed`: on its way to be a retry, at its time. */
  readonly kind: 'delayed' | 'retry' | 'dead-letter'
  readonly message: MessageExt
  /** What the group has committed in the copy's queue; of retries only. */
  readonly committed: number | undefined
  /** The first offset that queue still has; of retries only. */
  readonly min: number | undefined
}

/** What is known of a group and one message. */
export interface FateFacts {
  readonly message: MessageExt
  /** What the group has committed in the message's queue. */
  readonly committed: number | undefined
  /** The first offset that queue still has. */
  readonly min: number
  readonly broadcasting: boolean
  /** What the group wants of the topic; `undefined`: nobody is online to tell. */
  readonly subscription: SubscriptionData | undefined
  readonly copies: readonly MessageCopy[]
}

/** What became of a message in a group. */
export type MessageFate =
  /** Consumed, after so many retries. */
  | { readonly state: 'passed'; readonly retries: number }
  /** The group has gone past it without having been given it. */
  | { readonly state: 'filtered'; readonly by: string }
  /** To be consumed again: for the k-th time, `due` if it lies ready. */
  | { readonly state: 'retry'; readonly retries: number; readonly due: boolean; readonly ahead: number | undefined }
  | { readonly state: 'dead-letter'; readonly retries: number }
  /** Not consumed yet, with so many messages of its queue before it; `filtered`: nor will it be. */
  | { readonly state: 'waiting'; readonly ahead: number; readonly filtered: boolean }
  /** The group has never committed anything there. */
  | { readonly state: 'no-commit' }
  /** Each member keeps to itself how far it is. */
  | { readonly state: 'broadcasting' }
  | { readonly state: 'unknown'; readonly why: string }

/**
 * Judges by offsets and by copies. A message that was sent back counts as consumed by its queue's offset: what became of
 * the newest copy counts, not that.
 */
export function fateOf(facts: FateFacts): MessageFate {
  const { message, committed, min, copies } = facts
  const newest = newestOf(copies)
  if (newest !== undefined) return fateOfCopy(newest)
  if (facts.broadcasting) return { state: 'broadcasting' }
  if (committed === undefined) return { state: 'no-commit' }
  const filtered = !isWanted(message, facts.subscription)
  if (committed > message.queueOffset) {
    if (filtered) return { state: 'filtered', by: facts.subscription?.subString ?? '' }
    return { state: 'passed', retries: message.reconsumeTimes }
  }
  return { state: 'waiting', ahead: message.queueOffset - Math.max(committed, min), filtered }
}

function newestOf(copies: readonly MessageCopy[]): MessageCopy | undefined {
  const [newest] = [...copies].sort(
    ({ message: a }, { message: b }) =>
      b.storeTimestamp - a.storeTimestamp || b.reconsumeTimes - a.reconsumeTimes || b.queueOffset - a.queueOffset,
  )
  return newest
}

function fateOfCopy({ kind, message, committed, min }: MessageCopy): MessageFate {
  const retries = message.reconsumeTimes
  if (kind === 'dead-letter') return { state: 'dead-letter', retries }
  if (kind === 'delayed') return { state: 'retry', retries, due: false, ahead: undefined }
  if (committed !== undefined && committed > message.queueOffset) return { state: 'passed', retries }
  // A group begins to read its retries at the first one.
  const ahead = min === undefined ? undefined : message.queueOffset - Math.max(committed ?? 0, min)
  return { state: 'retry', retries, due: true, ahead }
}

/** What cannot be told counts as wanted. */
function isWanted(message: MessageExt, subscription: SubscriptionData | undefined): boolean {
  if (subscription === undefined) return true
  const { expressionType, subString, tagsSet } = subscription
  if (expressionType === 'SQL92') return sqlFilter(subString).matches((name) => message.getProperty(name))
  return tagsSet.length === 0 || (message.tags !== undefined && tagsSet.includes(message.tags))
}
