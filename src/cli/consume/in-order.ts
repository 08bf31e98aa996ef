import type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  ConsumeOrderlyAnswer,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  MessageListenerConcurrently,
  MessageListenerOrderly,
} from '../../core/consumer/index.ts'
import type { MessageQueue } from '../../core/protocol/index.ts'

/** Has the listener of a consume command called with the messages of each queue in order. */
export function inOrder(listener: MessageListenerConcurrently): MessageListenerOrderly {
  return (messages, context) => {
    const call = new OrderedCall(context)
    const answer = listener(messages, call)
    return typeof answer === 'string' ? call.translated(answer) : answer.then((said) => call.translated(said))
  }
}

/** Whether the queue of an orderly call is still ours. */
export function confirmLock(context: ConsumeConcurrentlyContext): Promise<boolean> {
  return context instanceof OrderedCall ? context.confirmLock() : Promise.resolve(true)
}

/**
 * Whether an effect may be made for messages that an orderly call has handed on: at once, or as soon as it is certain that the
 * queue is still ours.
 */
export function mayGoOn(context: ConsumeConcurrentlyContext): boolean | Promise<boolean> {
  if (!(context instanceof OrderedCall) || context.isCurrent) return true
  return context.confirmLock().then((held) => held && context.isCurrent)
}

/** What a listener of messages that come as they come sees of an orderly call. */
class OrderedCall implements ConsumeConcurrentlyContext {
  readonly #context: ConsumeOrderlyContext
  delayLevelWhenNextConsume = 0

  constructor(context: ConsumeOrderlyContext) {
    this.#context = context
  }

  get messageQueue(): MessageQueue {
    return this.#context.messageQueue
  }

  get signal(): AbortSignal {
    return this.#context.signal
  }

  get ackIndex(): number {
    return this.#context.ackIndex
  }

  set ackIndex(index: number) {
    this.#context.ackIndex = index
  }

  get leaveRest(): boolean {
    return this.#context.leaveRest
  }

  set leaveRest(leave: boolean) {
    this.#context.leaveRest = leave
  }

  get isCurrent(): boolean {
    return this.#context.isCurrent
  }

  confirmLock(): Promise<boolean> {
    return this.#context.confirmLock()
  }

  acknowledge(status: ConsumeConcurrentlyStatus): void {
    this.#context.acknowledge(this.#status(status))
  }

  translated(answer: ConsumeConcurrentlyAnswer): ConsumeOrderlyAnswer {
    return answer === 'ACKNOWLEDGE_LATER' ? answer : this.#status(answer)
  }

  #status(status: ConsumeConcurrentlyStatus): ConsumeOrderlyStatus {
    if (status === 'CONSUME_SUCCESS') return 'SUCCESS'
    if (status === 'LEAVE_UNFINISHED') return status
    // Level -1 is the way to the dead letters at once.
    if (this.delayLevelWhenNextConsume < 0) this.#context.maxReconsumeTimes = 0
    return 'SUSPEND_CURRENT_QUEUE_A_MOMENT'
  }
}
