import type { MessageExt } from '../../protocol/index.ts'
import type { SourceError } from '../offsets/fan-out.ts'

/** What was found, and who could not be asked. */
export interface FoundMessages {
  /** By the time they were stored, the oldest first. */
  readonly messages: readonly MessageExt[]
  readonly errors: readonly SourceError[]
}

/** Puts together what several questions have found: each record once, in order. */
export function inOrder(messages: readonly MessageExt[]): readonly MessageExt[] {
  const byRecord = new Map(messages.map((message) => [recordKey(message), message]))
  return [...byRecord.values()].sort((a, b) => a.storeTimestamp - b.storeTimestamp || a.queueOffset - b.queueOffset)
}

/** Tells records apart: members of a batch share a place in the commit log. */
export function recordKey(message: MessageExt): string {
  return `${message.brokerName} ${message.storedTopic} ${message.queueId} ${message.queueOffset}`
}
