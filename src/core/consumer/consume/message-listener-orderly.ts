import type { MessageExt, MessageQueue } from '../../protocol/index.ts'

/**
 * What an orderly listener says of the messages it was given (`ConsumeOrderlyStatus.java`). `COMMIT` and `ROLLBACK` are
 * for `autoCommit` off. `LEAVE_UNFINISHED` is ours: neither consumed nor failed; nothing more of the queue is handed out,
 * and the messages come again after a restart or a rebalance.
 */
export type ConsumeOrderlyStatus =
  | 'SUCCESS'
  | 'SUSPEND_CURRENT_QUEUE_A_MOMENT'
  | 'COMMIT'
  | 'ROLLBACK'
  | 'LEAVE_UNFINISHED'

/**
 * What an orderly listener answers: a status, or that it has handed the messages on in order and will say by
 * `context.acknowledge` what became of them. The next messages of the queue then come at once, unless `autoCommit` or
 * `ackIndex` says that not simply all of these may be committed. What is acknowledged counts in order: after a
 * failure everything that was handed on later counts for nothing, and comes again. Flow control alone bounds how many wait.
 */
export type ConsumeOrderlyAnswer = ConsumeOrderlyStatus | 'ACKNOWLEDGE_LATER'

/**
 * What an orderly listener may know and say beside its status (`ConsumeOrderlyContext.java`); valid until its call has
 * ended, or until it has been acknowledged.
 */
export interface ConsumeOrderlyContext {
  readonly messageQueue: MessageQueue
  /** Aborted when the queue's lock is lost: whatever the call says then counts for nothing. */
  readonly signal: AbortSignal
  /**
   * Off: SUCCESS commits nothing yet; COMMIT does, for all since the last one, and ROLLBACK has all of those come again.
   * On: both are taken for SUCCESS, as in Java. @default true
   */
  autoCommit: boolean
  /** How long a queue that is suspended or rolled back rests, in ms; brought into 10–30000; -1: the consumer's. @default the consumer's */
  suspendCurrentQueueTimeMillis: number
  /** How often these messages may fail before they become dead letters; 0: the next failure is one too many. @default the consumer's */
  maxReconsumeTimes: number
  /** With SUCCESS: index of the last message that succeeded; those after it come again after a suspension. @default all */
  ackIndex: number
  /** With SUCCESS: messages after `ackIndex` are left unfinished, and with them the queue. @default false */
  leaveRest: boolean
  /**
   * Resolves to whether the queue is still ours, which a process that was stopped for a while does not know at once. To be
   * asked before an effect that must not come after another member's.
   */
  confirmLock(): Promise<boolean>
  /**
   * Whether an effect may be made now, for messages that were handed on: not when the lock is lost or in doubt, nor after
   * earlier messages of the queue have failed, with which these come again.
   */
  readonly isCurrent: boolean
  /** Says what became of the messages; once, and only after the answer was ACKNOWLEDGE_LATER. */
  acknowledge(status: ConsumeOrderlyStatus): void
}

/**
 * Handles messages of one queue in the order of their offsets, one call at a time. A call that throws, rejects or says
 * nothing suspends its queue. The messages pin the buffer they came in: copy one that is kept for long.
 */
export type MessageListenerOrderly = (
  messages: readonly MessageExt[],
  context: ConsumeOrderlyContext,
) => ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer>
