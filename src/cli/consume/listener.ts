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

/** What a handler says: done, later, all of them again or to the dead letters, or how many of the first ones are done. */
export type HandlerAnswer = 'DONE' | 'ACKNOWLEDGE_LATER' | 'RETRY' | 'DLQ' | { readonly acked: number }

/** What becomes of the messages that are wanted. Rejects when that failed. */
export type MessageHandler = (
  messages: readonly MessageExt[],
  context: ConsumeConcurrentlyContext,
) => HandlerAnswer | Promise<HandlerAnswer>

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
  const { stopping, handler } = options
  const admission = new Admission(options)
  return (messages, context) => {
    if (stopping.signal.aborted) return 'LEAVE_UNFINISHED'
    const wanted = admission.admit(messages, context)
    if (wanted === undefined) return 'LEAVE_UNFINISHED'
    if (wanted.length === 0) return 'CONSUME_SUCCESS'
    const call = { context, options, all: messages }
    if (options.sleepMs > 0 || options.failRate > 0) return trial(wanted, call)
    try {
      const done = handler(wanted, context)
      if (done instanceof Promise) return settled(done, wanted, call)
      return answer(done, wanted, call)
    } catch (error) {
      return failed(error, wanted, call)
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
  /** With those that are not wanted. */
  readonly all: readonly MessageExt[]
}

async function trial(messages: readonly MessageExt[], call: Call): Promise<ConsumeConcurrentlyAnswer> {
  const { context, options } = call
  if (options.sleepMs > 0) await options.clock.sleep(options.sleepMs)
  // Another member has the messages now.
  if (options.confirmLock !== undefined && !(await options.confirmLock(context))) return 'LEAVE_UNFINISHED'
  if (options.failRate > 0 && options.random() < options.failRate) {
    return failed(new HandlerError('on purpose (--fail-rate)'), messages, call)
  }
  try {
    return await settled(Promise.resolve(options.handler(messages, context)), messages, call)
  } catch (error) {
    return failed(error, messages, call)
  }
}

async function settled(
  handling: Promise<HandlerAnswer>,
  messages: readonly MessageExt[],
  call: Call,
): Promise<ConsumeConcurrentlyAnswer> {
  try {
    return answer(await handling, messages, call)
  } catch (error) {
    return failed(error, messages, call)
  }
}

/** What is acknowledged later is counted then, by the handler. */
function answer(done: HandlerAnswer, messages: readonly MessageExt[], call: Call): ConsumeConcurrentlyAnswer {
  const { tally, delayLevel } = call.options
  switch (done) {
    case 'ACKNOWLEDGE_LATER':
      return done
    case 'DONE':
      tally.messages += messages.length
      return 'CONSUME_SUCCESS'
    case 'RETRY':
    case 'DLQ':
      tally.failed += messages.length
      call.context.delayLevelWhenNextConsume = done === 'DLQ' ? -1 : delayLevel
      return 'RECONSUME_LATER'
    default:
      return partlyDone(done.acked, messages, call)
  }
}

/** The first ones are consumed, the others have failed. */
function partlyDone(acked: number, messages: readonly MessageExt[], call: Call): ConsumeConcurrentlyAnswer {
  const { context, options, all } = call
  options.tally.messages += acked
  const last = messages[acked - 1]
  const what = new HandlerError('it is not among those the handler has finished')
  // Of a failure of the rest, everything counts but that the first ones have failed as well.
  const rest = failed(what, messages.slice(acked), call)
  if (rest === 'CONSUME_SUCCESS') return rest
  context.leaveRest = rest === 'LEAVE_UNFINISHED'
  context.ackIndex = last === undefined ? -1 : all.indexOf(last)
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
