import type { MessageExt, MessageQueue } from '../../protocol/index.ts'

/**
 * What a listener says of the messages it was given (`ConsumeConcurrentlyStatus.java`). `LEAVE_UNFINISHED` is ours:
 * neither consumed nor failed; the offset stays before them, so they come again after a restart or a rebalance.
 */
export type ConsumeConcurrentlyStatus = 'CONSUME_SUCCESS' | 'RECONSUME_LATER' | 'LEAVE_UNFINISHED'

/**
 * What a listener answers: a status, or that it will say so by `context.acknowledge`. Such a call takes none of the
 * concurrent calls while it waits, and no consume timeout ends it; flow control alone bounds how many wait.
 */
export type ConsumeConcurrentlyAnswer = ConsumeConcurrentlyStatus | 'ACKNOWLEDGE_LATER'

/**
 * What a listener may know and say beside its status (`ConsumeConcurrentlyContext.java`); valid until its call has
 * ended, or until it has been acknowledged.
 */
export interface ConsumeConcurrentlyContext {
  readonly messageQueue: MessageQueue
  /** Aborted when the call takes longer than the consume timeout: its messages were then sent back. */
  readonly signal: AbortSignal
  /** Of failed messages: 0 lets the broker choose by their reconsumeTimes, 1–18 is that level, -1 the DLQ. */
  delayLevelWhenNextConsume: number
  /** With CONSUME_SUCCESS: index of the last message that succeeded; those after it are sent back. @default all */
  ackIndex: number
  /** With CONSUME_SUCCESS: messages after `ackIndex` are left unfinished instead of sent back. @default false */
  leaveRest: boolean
  /** Says what became of the messages; once, and only after the answer was ACKNOWLEDGE_LATER. */
  acknowledge(status: ConsumeConcurrentlyStatus): void
}

/**
 * Handles messages of one queue. Many calls run at once. A call that throws or rejects has failed, as RECONSUME_LATER. The messages
 * pin the buffer they came in: copy one that is kept for long.
 */
export type MessageListenerConcurrently = (
  messages: readonly MessageExt[],
  context: ConsumeConcurrentlyContext,
) => ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer>
