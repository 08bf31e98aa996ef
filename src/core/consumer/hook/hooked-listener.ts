import type { MessageExt } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import { DelegatedContext } from '../consume/delegated-context.ts'
import type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyContext,
  MessageListenerConcurrently,
} from '../consume/message-listener.ts'
import type { ConsumeMessageContext, ConsumeMessageHook, ConsumeReturnType } from './hooks.ts'

/** What hooked calls need. */
export interface HookedListenerOptions {
  readonly hooks: readonly ConsumeMessageHook[]
  readonly consumerGroup: string
  readonly consumeTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * A listener whose calls the hooks are told of (`ConsumeMessageConcurrentlyService.ConsumeRequest#run`); the listener
 * itself when there is no hook, so that none costs nothing.
 */
export function hookedListener(
  listener: MessageListenerConcurrently,
  options: HookedListenerOptions,
): MessageListenerConcurrently {
  if (options.hooks.length === 0) return listener
  return (messages, context) => {
    const call = new HookedCall(messages, context, options)
    try {
      const answer = listener(messages, call.context)
      if (!(answer instanceof Promise)) {
        call.answered(answer)
        return answer
      }
      return answer.then(
        (said) => {
          call.answered(said)
          return said
        },
        (error: unknown) => {
          call.ended('EXCEPTION', undefined)
          throw error
        },
      )
    } catch (error) {
      call.ended('EXCEPTION', undefined)
      throw error
    }
  }
}

/** One call, and what the hooks are told of it. */
class HookedCall {
  readonly context: ConsumeConcurrentlyContext
  readonly #options: HookedListenerOptions
  readonly #told: ConsumeMessageContext
  readonly #startedAt: number

  constructor(messages: readonly MessageExt[], context: ConsumeConcurrentlyContext, options: HookedListenerOptions) {
    this.#options = options
    this.#told = { consumerGroup: options.consumerGroup, messages, messageQueue: context.messageQueue }
    this.context = new DelegatedContext(context, {
      acknowledge: (status) => {
        this.answered(status)
        context.acknowledge(status)
      },
    })
    this.#tell((hook) => hook.consumeMessageBefore?.(this.#told))
    this.#startedAt = options.clock.monotonic()
  }

  /** What the listener has said. A call to be acknowledged later has not ended yet. */
  answered(answer: ConsumeConcurrentlyAnswer | undefined | null): void {
    if (answer === 'ACKNOWLEDGE_LATER') return
    if (answer === undefined || answer === null) this.ended('RETURNNULL', undefined)
    else this.ended(answer === 'CONSUME_SUCCESS' ? 'SUCCESS' : 'FAILED', answer)
  }

  ended(how: ConsumeReturnType, status: string | undefined): void {
    const { clock, consumeTimeoutMs } = this.#options
    const millis = clock.monotonic() - this.#startedAt
    const late = millis >= consumeTimeoutMs && status !== undefined
    const outcome = {
      success: status === 'CONSUME_SUCCESS',
      status,
      returnType: late ? ('TIME_OUT' as const) : how,
      millis,
    }
    this.#tell((hook) => hook.consumeMessageAfter?.(this.#told, outcome))
  }

  #tell(how: (hook: ConsumeMessageHook) => void): void {
    for (const hook of this.#options.hooks) {
      try {
        how(hook)
      } catch (error) {
        this.#options.logger.warn(`the consume hook ${hook.hookName} failed: ${String(error)}`)
      }
    }
  }
}
