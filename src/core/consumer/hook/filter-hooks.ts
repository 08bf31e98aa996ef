import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Logger } from '../../support/index.ts'
import type { FilterMessageHook } from './hooks.ts'

/** Lets hooks take messages out of what was pulled. */
export type MessageSieve = (messages: MessageExt[], queue: MessageQueue) => readonly MessageExt[]

/** Asks the hooks one after another (`PullAPIWrapper#executeHook`); `undefined` when there is none, so that none costs nothing. */
export function filterHooks(
  hooks: readonly FilterMessageHook[],
  options: { readonly consumerGroup: string; readonly logger: Logger },
): MessageSieve | undefined {
  if (hooks.length === 0) return undefined
  const { consumerGroup, logger } = options
  return (messages, messageQueue) => {
    if (messages.length === 0) return messages
    // A copy: a hook that fails half-way has decided nothing.
    let left = messages
    for (const hook of hooks) {
      const offered = [...left]
      try {
        hook.filterMessage({ consumerGroup, messageQueue, messages: offered })
        left = left.filter((message) => offered.includes(message))
      } catch (error) {
        logger.warn(`the filter hook ${hook.hookName} failed: ${String(error)}`)
      }
    }
    return left
  }
}
