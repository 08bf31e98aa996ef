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

/** What an idle consumer does without, and one at work has: compilers, and room for garbage. */
const COMPILING = ['opt', 'sparkplug', 'no-optimize-for-size'] as const
const SAVING = ['no-opt', 'no-sparkplug', 'optimize-for-size'] as const

/**
 * Keeps V8's compilers away for now, and its heap from growing ahead of need. To compile what asks for the messages of a
 * thousand idle queues it takes 10 MiB, which the process never gives back (`bench/idle-queues.ts`).
 */
export function optimizeLater(): void {
  for (const flag of SAVING) setFlagsFromString(`--${flag}`)
}

/** Ends {@link optimizeLater} with the first call. */
export function optimizeFromFirstCall(listener: MessageListenerConcurrently): MessageListenerConcurrently {
  let called = false
  return (messages, context) => {
    if (!called) {
      called = true
      for (const flag of COMPILING) setFlagsFromString(`--${flag}`)
    }
    return listener(messages, context)
  }
}
