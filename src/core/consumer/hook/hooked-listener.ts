import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import { DelegatedContext } from '../consume/delegated-context.ts'
import { DelegatedOrderlyContext } from '../consume/delegated-orderly-context.ts'
import type { MessageListenerConcurrently } from '../consume/message-listener.ts'
import type { MessageListenerOrderly } from '../consume/message-listener-orderly.ts'
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
    const call = new HookedCall(messages, context.messageQueue, options)
    const told = new DelegatedContext(context, {
      acknowledge: (status) => {
        call.answered(status)
        context.acknowledge(status)
      },
    })
    return call.run(() => listener(messages, told))
  }
}

/** The same for one that wants the messages in order (`ConsumeMessageOrderlyService.ConsumeRequest#run`). */
export function hookedOrderlyListener(
  listener: MessageListenerOrderly,
  options: HookedListenerOptions,
): MessageListenerOrderly {
  if (options.hooks.length === 0) return listener
  return (messages, context) => {
    const call = new HookedCall(messages, context.messageQueue, options)
    const told = new DelegatedOrderlyContext(context, {
      acknowledge: (status) => {
        call.answered(status)
        context.acknowledge(status)
      },
    })
    return call.run(() => listener(messages, told))
  }
}

/** Answers by which a call has succeeded. */
const SUCCESSES: ReadonlySet<string> = new Set(['CONSUME_SUCCESS', 'SUCCESS', 'COMMIT'])

/** One call, and what the hooks are told of it. */
class HookedCall {
  readonly #options: HookedListenerOptions
  readonly #told: ConsumeMessageContext
  readonly #startedAt: number

  constructor(messages: readonly MessageExt[], messageQueue: MessageQueue, options: HookedListenerOptions) {
    this.#options = options
    this.#told = { consumerGroup: options.consumerGroup, messages, messageQueue }
    this.#tell((hook) => hook.consumeMessageBefore?.(this.#told))
    this.#startedAt = options.clock.monotonic()
  }

  /** Calls the listener; its answer, or what it throws, is told and handed on. */
  run<T extends string>(listen: () => T | Promise<T>): T | Promise<T> {
    const failed = (error: unknown): never => {
      this.#ended('EXCEPTION', undefined)
      throw error
    }
    const said = (answer: T): T => {
      this.answered(answer)
      return answer
    }
    try {
      const answer = listen()
      return answer instanceof Promise ? answer.then(said, failed) : said(answer)
    } catch (error) {
      return failed(error)
    }
  }

  /** What the listener has said. A call to be acknowledged later has not ended yet. */
  answered(answer: string | undefined | null): void {
    if (answer === 'ACKNOWLEDGE_LATER') return
    if (answer === undefined || answer === null) this.#ended('RETURNNULL', undefined)
    else this.#ended(SUCCESSES.has(answer) ? 'SUCCESS' : 'FAILED', answer)
  }

  #ended(how: ConsumeReturnType, status: string | undefined): void {
    const { clock, consumeTimeoutMs } = this.#options
    const millis = clock.monotonic() - this.#startedAt
    const late = millis >= consumeTimeoutMs && status !== undefined
    const outcome = {
      success: status !== undefined && SUCCESSES.has(status),
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
