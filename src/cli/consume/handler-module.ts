import { inspect } from 'node:util'
import type { Handler, HandlerResult } from '../../core/consumer/index.ts'
import { HandlerError, UsageError } from '../../core/errors.ts'
import type { MessageExt } from '../../core/protocol/index.ts'
import { userModule } from '../user-module.ts'
import type { HandlerAnswer, MessageHandler } from './listener.ts'

/** The handler that a module exports. Rejects with UsageError when it cannot be loaded or exports no function. */
export async function loadHandler(file: string): Promise<Handler> {
  const handler = await userModule('handler', file)
  if (typeof handler === 'function') return handler as Handler
  throw new UsageError(`--handler: ${file} has no function as its default export`, {
    suggestions: ['export default async (messages, context) => { … }'],
  })
}

/** Hands messages to a handler, and takes what it says of them at its word; in order, a failed message holds up its queue. */
export function moduleHandler(
  handler: Handler,
  { group, orderly }: { readonly group: string; readonly orderly: boolean },
): MessageHandler {
  return (messages, context) => {
    const { messageQueue } = context
    const told = {
      group,
      messageQueue,
      // Made when it is asked for: most handlers never do.
      get signal() {
        return context.signal
      },
    }
    const result = handler(messages, told)
    // Whatever has a then is taken for a promise, as await does.
    const answer = (said: unknown): HandlerAnswer => read(said, messages, orderly)
    return isPromise(result) ? Promise.resolve(result).then(answer) : answer(result)
  }
}

function isPromise(result: unknown): result is PromiseLike<HandlerResult> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
}

/** What a handler has said; whoever wrote it may not have looked at its type. */
function read(result: unknown, messages: readonly MessageExt[], orderly: boolean): HandlerAnswer {
  switch (result) {
    case undefined:
    case 'success':
      return 'DONE'
    case 'retry':
      if (!orderly) return 'RETRY'
      throw new HandlerError("the handler said 'retry', which lets other messages of the queue pass; say 'suspend'")
    case 'dlq':
      return 'DLQ'
    case 'suspend':
      if (orderly) return 'RETRY'
      throw new HandlerError("the handler said 'suspend', which is for orderly consumption")
  }
  const ackIndex = typeof result === 'object' && result !== null && 'ackIndex' in result ? result.ackIndex : undefined
  if (typeof ackIndex !== 'number' || !Number.isInteger(ackIndex) || ackIndex < -1) {
    throw new HandlerError(
      `the handler returned ${inspect(result, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 80)}; it may return nothing, 'success', 'retry', 'suspend', 'dlq' or { ackIndex }`,
    )
  }
  return ackIndex >= messages.length - 1 ? 'DONE' : { acked: ackIndex + 1 }
}
