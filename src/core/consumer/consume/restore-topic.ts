import { type MessageExt, PropertyName, RETRY_PREFIX } from '../../protocol/index.ts'

/** Makes a retried message look like the original to the listener (`DefaultMQPushConsumerImpl#resetRetryAndNamespace`). */
export function restoreTopic(message: MessageExt, storedIn: string): void {
  if (!storedIn.startsWith(RETRY_PREFIX)) return
  const original = message.getProperty(PropertyName.RETRY_TOPIC)
  if (original !== undefined) message.topic = original
}
