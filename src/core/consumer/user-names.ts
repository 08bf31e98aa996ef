import type { MessageExt } from '../protocol/index.ts'
import { DelegatedContext } from './consume/delegated-context.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'

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
