import type { MessageExt, MessageQueue } from '../../protocol/index.ts'

/** How a listener call has ended (`ConsumeReturnType.java`), by the names and in the order Java gives them. */
export const consumeReturnTypes = ['SUCCESS', 'TIME_OUT', 'EXCEPTION', 'RETURNNULL', 'FAILED'] as const
export type ConsumeReturnType = (typeof consumeReturnTypes)[number]

/** What a hook may know of one listener call (`ConsumeMessageContext.java`). Nothing in it may be changed. */
export interface ConsumeMessageContext {
  readonly consumerGroup: string
  /** Named as the listener sees them. */
  readonly messages: readonly MessageExt[]
  readonly messageQueue: MessageQueue
}

/** How the call has ended. */
export interface ConsumeMessageOutcome {
  readonly success: boolean
  /** What the listener has said; `undefined` when it threw or said nothing. */
  readonly status: string | undefined
  readonly returnType: ConsumeReturnType
  readonly millis: number
}

/**
 * Is told before and after each listener call (`ConsumeMessageHook.java`). What it throws is logged and changes nothing.
 * The context is the same object both times, so a hook may keep notes by it.
 */
export interface ConsumeMessageHook {
  readonly hookName: string
  consumeMessageBefore?(context: ConsumeMessageContext): void
  consumeMessageAfter?(context: ConsumeMessageContext, outcome: ConsumeMessageOutcome): void
}

/** What a filter hook decides about (`FilterMessageContext.java`). */
export interface FilterMessageContext {
  readonly consumerGroup: string
  readonly messageQueue: MessageQueue
  /** Pulled and let through by the subscription; whatever is removed counts as consumed. */
  readonly messages: MessageExt[]
}

/** Takes messages out before they are consumed (`FilterMessageHook.java`). What it throws is logged and changes nothing. */
export interface FilterMessageHook {
  readonly hookName: string
  filterMessage(context: FilterMessageContext): void
}
