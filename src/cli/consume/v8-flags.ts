import { setFlagsFromString } from 'node:v8'
import type { MessageListenerConcurrently } from '../../core/consumer/index.ts'

/**
 * Keeps V8's space for young objects at its first size instead of letting it grow to 16 MiB. Messages are small objects
 * that pin the large buffer they came in until they are collected: collected sooner, they cost a third less memory and
 * hardly more time (`bench/consume.ts`).
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/**
 * Keeps V8's optimizing compiler away for now. To compile what asks for the messages of a thousand idle queues it takes
 * 10 MiB, which the process never gives back (`bench/idle-queues.ts`).
 */
export function optimizeLater(): void {
  setFlagsFromString('--no-opt')
}

/** Ends {@link optimizeLater} with the first call. */
export function optimizeFromFirstCall(listener: MessageListenerConcurrently): MessageListenerConcurrently {
  let called = false
  return (messages, context) => {
    if (!called) {
      called = true
      setFlagsFromString('--opt')
    }
    return listener(messages, context)
  }
}
