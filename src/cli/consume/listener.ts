import type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyContext,
  MessageListenerConcurrently,
} from '../../core/consumer/index.ts'
import { HandlerError, RocketMQError } from '../../core/errors.ts'
import { type MessageExt, queueName } from '../../core/protocol/index.ts'
import type { Clock, Logger } from '../../core/support/index.ts'
import type { MessageFilter } from './message-filter.ts'
import type { Stopping } from './stopping.ts'
import type { Tally } from './summary.ts'

/** What is done about a failed call. */
export const failPolicies = ['retry', 'suspend', 'dlq', 'skip', 'stop'] as const
export type FailPolicy = (typeof failPolicies)[number]

/** What becomes of the messages that are wanted. Rejects when that failed. */
export type MessageHandler = (
  messages: readonly MessageExt[],
  context: ConsumeConcurrentlyContext,
) => 'DONE' | 'ACKNOWLEDGE_LATER' | Promise<'DONE' | 'ACKNOWLEDGE_LATER'>

/** How a consume command listens. */
export interface ListenerOptions {
  readonly handler: MessageHandler
  readonly filter: MessageFilter | undefined
  /** No more than this many; `undefined`: no limit. */
  readonly maxMessages: number | undefined
  /** The first offset of its queue that is not consumed any more; `undefined`: none. */
  readonly isPastEnd: ((message: MessageExt, context: ConsumeConcurrentlyContext) => boolean) | undefined
  readonly onFail: FailPolicy
  /** For failed messages: 0 lets the broker choose. */
  readonly delayLevel: number
  /** How long each call takes at least, in ms. */
  readonly sleepMs: number
  /** In order: whether the queue of a call is still ours. Asked after a sleep, and about what failed. */
  readonly confirmLock?: ((context: ConsumeConcurrentlyContext) => Promise<boolean>) | undefined
  /** Share of calls that fail, 0–1. */
  readonly failRate: number
  readonly random: () => number
  readonly tally: Tally
  readonly stopping: Stopping
  readonly clock: Clock
  readonly logger: Logger
}

/** Builds the listener of a consume command: which messages, how many, what is done with them, and what when it fails. */
export function consumeListener(options: ListenerOptions): MessageListenerConcurrently {
  const { stopping, tally, handler } = options
  const admission = new Admission(options)
  return (messages, context) => {
    if (stopping.signal.aborted) return 'LEAVE_UNFINISHED'
    const wanted = admission.admit(messages, context)
    if (wanted === undefined) return 'LEAVE_UNFINISHED'
    if (wanted.length === 0) return 'CONSUME_SUCCESS'
    if (options.sleepMs > 0 || options.failRate > 0) return trial(wanted, context, options)
    try {
      const done = handler(wanted, context)
      if (typeof done === 'object') return settled(done, wanted, { context, options })
      return answer(done, wanted, tally)
    } catch (error) {
      return failed(error, wanted, { context, options })
    }
  }
}

/** Only counts; a call costs nothing more. */
export function countingListener(tally: Tally): MessageListenerConcurrently {
  return (messages) => {
    tally.messages += messages.length
    return 'CONSUME_SUCCESS'
  }
}

/** Which messages of a call are consumed. Says so in the call's context where it is not all of them. */
class Admission {
  readonly #options: ListenerOptions
  #left: number

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#left = options.maxMessages ?? Number.POSITIVE_INFINITY
  }

  /** The messages to handle; the others up to the last of them are passed over. `undefined`: none of the call's messages is wanted now. */
  admit(messages: readonly MessageExt[], context: ConsumeConcurrentlyContext): readonly MessageExt[] | undefined {
    const { filter, isPastEnd, tally, stopping } = this.#options
    if (filter === undefined && isPastEnd === undefined && this.#left >= messages.length) {
      this.#take(messages.length, stopping)
      return messages
    }
    const wanted: MessageExt[] = []
    let end = 0
    for (const message of messages) {
      if (this.#left === 0 || isPastEnd?.(message, context)) break
      end += 1
      if (filter === undefined || filter(message)) {
        wanted.push(message)
        this.#take(1, stopping)
      } else tally.filtered += 1
    }
    if (end === 0) return undefined
    if (end < messages.length) {
      context.ackIndex = end - 1
      context.leaveRest = true
    }
    return wanted
  }

  #take(count: number, stopping: Stopping): void {
    this.#left -= count
    if (this.#left === 0) stopping.stop('max-messages')
  }
}

interface Call {
  readonly context: ConsumeConcurrentlyContext
  readonly options: ListenerOptions
}

async function trial(
  messages: readonly MessageExt[],
  context: ConsumeConcurrentlyContext,
  options: ListenerOptions,
): Promise<ConsumeConcurrentlyAnswer> {
  if (options.sleepMs > 0) await options.clock.sleep(options.sleepMs)
  // Another member has the messages now.
  if (options.confirmLock !== undefined && !(await options.confirmLock(context))) return 'LEAVE_UNFINISHED'
  if (options.failRate > 0 && options.random() < options.failRate) {
    return failed(new HandlerError('on purpose (--fail-rate)'), messages, { context, options })
  }
  try {
    return await settled(Promise.resolve(options.handler(messages, context)), messages, { context, options })
  } catch (error) {
    return failed(error, messages, { context, options })
  }
}

async function settled(
  handling: Promise<'DONE' | 'ACKNOWLEDGE_LATER'>,
  messages: readonly MessageExt[],
  call: Call,
): Promise<ConsumeConcurrentlyAnswer> {
  try {
    return answer(await handling, messages, call.options.tally)
  } catch (error) {
    return failed(error, messages, call)
  }
}

/** What is acknowledged later is counted then, by the handler. */
function answer(
  done: 'DONE' | 'ACKNOWLEDGE_LATER',
  messages: readonly MessageExt[],
  tally: Tally,
): ConsumeConcurrentlyAnswer {
  if (done === 'ACKNOWLEDGE_LATER') return done
  tally.messages += messages.length
  return 'CONSUME_SUCCESS'
}

function failed(
  error: unknown,
  messages: readonly MessageExt[],
  { context, options }: Call,
): ConsumeConcurrentlyAnswer {
  const { tally, stopping, logger, onFail, delayLevel } = options
  // Ended because the queue's lock was lost: nothing is wrong with the messages.
  if (options.confirmLock !== undefined && context.signal.aborted) return 'LEAVE_UNFINISHED'
  tally.failed += messages.length
  const what = `${whichMessages(messages, context)} failed: ${error instanceof RocketMQError ? error.message : String(error)}`
  if (onFail === 'stop') {
    stopping.stop('error', new HandlerError(what, { cause: error }))
    return 'LEAVE_UNFINISHED'
  }
  logger.warn(what)
  if (onFail === 'skip') return 'CONSUME_SUCCESS'
  context.delayLevelWhenNextConsume = onFail === 'dlq' ? -1 : delayLevel
  return 'RECONSUME_LATER'
}

function whichMessages(messages: readonly MessageExt[], context: ConsumeConcurrentlyContext): string {
  const [first] = messages
  if (first === undefined) return 'a call'
  const more = messages.length === 1 ? '' : ` and ${messages.length - 1} more`
  const again = first.reconsumeTimes === 0 ? '' : ` (retry ${first.reconsumeTimes})`
  return `message ${first.msgId} at ${queueName(context.messageQueue)}@${first.queueOffset}${more}${again}`
}
