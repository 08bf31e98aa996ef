import type { MessageExt, MessageQueue } from '../protocol/index.ts'

/** What a handler knows of a call besides its messages. */
export interface HandlerContext {
  readonly group: string
  readonly messageQueue: MessageQueue
  /** Aborted when the call takes longer than the consume timeout: its messages were then sent back. */
  readonly signal: AbortSignal
}

/**
 * What a handler says of the messages it was given. Nothing and `success`: all are consumed. `retry`: all come again later.
 * `suspend`, of orderly consumption: they come again after a moment, and their queue waits for them. `dlq`: all become dead
 * letters. `ackIndex`: those up to this index are consumed, the others have failed.
 */
export type HandlerResult =
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without return is a good handler
  | void
  | 'success'
  | 'retry'
  | 'suspend'
  | 'dlq'
  | { readonly ackIndex: number }

/**
 * The default export of a module for `mq consume --handler`. Many calls run at once, each with messages of one queue. One that
 * throws or rejects has failed, and `--on-fail` says what becomes of its messages.
 */
export type Handler = (
  messages: readonly MessageExt[],
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>
