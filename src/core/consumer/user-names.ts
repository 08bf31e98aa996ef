import type { MessageExt, MessageQueue } from '../protocol/index.ts'
import { DelegatedContext } from './consume/delegated-context.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'
import type { ConsumeOrderlyContext, MessageListenerOrderly } from './consume/message-listener-orderly.ts'

type UserName = (name: string) => string

/** Names the topics of messages as the user does (`DefaultMQPushConsumerImpl#resetRetryAndNamespace`). */
export function nameAsUser(messages: readonly MessageExt[], userName: UserName): void {
  for (const message of messages) message.topic = userName(message.topic)
}

/** A listener that sees the names of the user while the engine works with those of the wire. */
export function withUserNames(listener: MessageListenerConcurrently, userName: UserName): MessageListenerConcurrently {
  return (messages, context) => {
    nameAsUser(messages, userName)
    const { topic, ...queue } = context.messageQueue
    return listener(messages, new DelegatedContext(context, { messageQueue: { ...queue, topic: userName(topic) } }))
  }
}

/** The same for one that wants the messages in order. */
export function withUserNamesInOrder(listener: MessageListenerOrderly, userName: UserName): MessageListenerOrderly {
  return (messages, context) => {
    nameAsUser(messages, userName)
    return listener(messages, new OrderlyUserContext(context, userName))
  }
}

/** The context of an orderly call, but for the name of the queue's topic. */
class OrderlyUserContext implements ConsumeOrderlyContext {
  readonly messageQueue: MessageQueue
  readonly #context: ConsumeOrderlyContext

  constructor(context: ConsumeOrderlyContext, userName: UserName) {
    this.#context = context
    this.messageQueue = { ...context.messageQueue, topic: userName(context.messageQueue.topic) }
  }

  get signal(): AbortSignal {
    return this.#context.signal
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
}
