import type { MessageQueue } from '../../protocol/index.ts'
import type { ConsumeOrderlyContext, ConsumeOrderlyStatus } from './message-listener-orderly.ts'

/** The context of an orderly call, but for the name of its queue or for who hears of its acknowledgement. */
export class DelegatedOrderlyContext implements ConsumeOrderlyContext {
  readonly messageQueue: MessageQueue
  readonly #context: ConsumeOrderlyContext
  readonly #acknowledge: (status: ConsumeOrderlyStatus) => void

  constructor(
    context: ConsumeOrderlyContext,
    own: {
      readonly messageQueue?: MessageQueue
      readonly acknowledge?: (status: ConsumeOrderlyStatus) => void
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

  get isCurrent(): boolean {
    return this.#context.isCurrent
  }

  get autoCommit(): boolean {
    return this.#context.autoCommit
  }

  set autoCommit(value: boolean) {
    this.#context.autoCommit = value
  }

  get suspendCurrentQueueTimeMillis(): number {
    return this.#context.suspendCurrentQueueTimeMillis
  }

  set suspendCurrentQueueTimeMillis(value: number) {
    this.#context.suspendCurrentQueueTimeMillis = value
  }

  get maxReconsumeTimes(): number {
    return this.#context.maxReconsumeTimes
  }

  set maxReconsumeTimes(value: number) {
    this.#context.maxReconsumeTimes = value
  }

  get ackIndex(): number {
    return this.#context.ackIndex
  }

  set ackIndex(value: number) {
    this.#context.ackIndex = value
  }

  get leaveRest(): boolean {
    return this.#context.leaveRest
  }

  set leaveRest(value: boolean) {
    this.#context.leaveRest = value
  }

  confirmLock(): Promise<boolean> {
    return this.#context.confirmLock()
  }

  acknowledge(status: ConsumeOrderlyStatus): void {
    this.#acknowledge(status)
  }
}
