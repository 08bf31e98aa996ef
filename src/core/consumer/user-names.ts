import type { MessageExt } from '../protocol/index.ts'
import { DelegatedContext } from './consume/delegated-context.ts'
import { DelegatedOrderlyContext } from './consume/delegated-orderly-context.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'
import type { MessageListenerOrderly } from './consume/message-listener-orderly.ts'

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
    const { topic, ...queue } = context.messageQueue
    const own = { messageQueue: { ...queue, topic: userName(topic) } }
    return listener(messages, new DelegatedOrderlyContext(context, own))
  }
}
