import type { MessageExt, MessageQueue } from '../protocol/index.ts'
import type {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from './consume/message-listener.ts'

type UserName = (name: string) => string

/** Names the topics of messages as the user does (`DefaultMQPushConsumerImpl#resetRetryAndNamespace`). */
export function nameAsUser(messages: readonly MessageExt[], userName: UserName): void {
  for (const message of messages) message.topic = userName(message.topic)
}

/** A listener that sees the names of the user while the engine works with those of the wire. */
export function withUserNames(listener: MessageListenerConcurrently, userName: UserName): MessageListenerConcurrently {
  return (messages, context) => {
    nameAsUser(messages, userName)
    return listener(messages, new UserContext(context, userName))
  }
}

/** The context of a call, but for the name of the queue's topic. */
class UserContext implements ConsumeConcurrentlyContext {
  readonly messageQueue: MessageQueue
  readonly #context: ConsumeConcurrentlyContext

  constructor(context: ConsumeConcurrentlyContext, userName: UserName) {
    this.#context = context
    this.messageQueue = { ...context.messageQueue, topic: userName(context.messageQueue.topic) }
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
    this.#context.acknowledge(status)
  }
}
