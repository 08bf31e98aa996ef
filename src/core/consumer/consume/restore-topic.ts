import { type MessageExt, PropertyName, RETRY_PREFIX } from '../../protocol/index.ts'

/** Makes a retried message look like the original to the listener (`DefaultMQPushConsumerImpl#resetRetryAndNamespace`). */
export function restoreTopic(
  message: MessageExt,
  storedIn: string,
  /** The topic that a retry topic of popped messages is for; those messages do not say it. */
  poppedFrom: (retryTopic: string) => string | undefined = () => undefined,
): void {
  if (!storedIn.startsWith(RETRY_PREFIX)) return
  const original = message.getProperty(PropertyName.RETRY_TOPIC) ?? storedIn
  message.topic = poppedFrom(original) ?? original
}
