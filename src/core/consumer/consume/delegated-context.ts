import type { MessageQueue } from '../../protocol/index.ts'
import type { ConsumeConcurrentlyContext, ConsumeConcurrentlyStatus } from './message-listener.ts'

/** The context of a call, but for the name of its queue or for who hears of its acknowledgement. */
export class DelegatedContext implements ConsumeConcurrentlyContext {
  readonly messageQueue: MessageQueue
  readonly #context: ConsumeConcurrentlyContext
  readonly #acknowledge: (status: ConsumeConcurrentlyStatus) => void

  constructor(
    context: ConsumeConcurrentlyContext,
    own: {
      readonly messageQueue?: MessageQueue
      readonly acknowledge?: (status: ConsumeConcurrentlyStatus) => void
    },
  ) {
    this.#context = context
    this.messageQueue = own.messageQueue ?? context.messageQueue
    this.#acknowledge =
      own.acknowledge ??
      ((status) => {
        context.acknowledge(status)
      })
  }

  get signal(): AbortSignal {
    return this.#context.signal
  }

  get delayLevelWhenNextConsume(): number {
    return this.#context.delayLevelWhenNextConsume
  }

  set delayLevelWhenNextConsume(level: number) {
    this.#context.delayLevelWhenNextConsume = level
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

  acknowledge(status: ConsumeConcurrentlyStatus): void {
    this.#acknowledge(status)
  }
}
