import { stat } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { Handler, HandlerResult } from '../../core/consumer/index.ts'
import { HandlerError, UsageError } from '../../core/errors.ts'
import type { MessageExt } from '../../core/protocol/index.ts'
import { importFile } from '../import-file.ts'
import type { HandlerAnswer, MessageHandler } from './listener.ts'

/**
 * The default export of a module, found from the working directory. Rejects with UsageError when there is no such file or it
 * exports no function, and with HandlerError when it fails while it is loaded.
 */
export async function loadHandler(file: string): Promise<Handler> {
  const absolute = path.resolve(file)
  const found = await stat(absolute).catch(() => undefined)
  if (found === undefined) throw new UsageError(`--handler: there is no file ${absolute}`)
  if (!found.isFile()) throw new UsageError(`--handler: ${absolute} is not a file`)
  const exported = await load(file, pathToFileURL(absolute).href)
  const handler = exported['default']
  if (typeof handler === 'function') return handler as Handler
  throw new UsageError(`--handler: ${file} has no function as its default export`, {
    suggestions: ['export default async (messages, context) => { … }'],
  })
}

async function load(file: string, url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importFile(url)
  } catch (cause) {
    throw new HandlerError(`the handler ${file} cannot be loaded: ${String(cause)}`, { cause })
  }
}

/** Hands messages to a handler, and takes what it says of them at its word. */
export function moduleHandler(handler: Handler, group: string): MessageHandler {
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
    return isPromise(result) ? Promise.resolve(result).then((said) => read(said, messages)) : read(result, messages)
  }
}

function isPromise(result: unknown): result is PromiseLike<HandlerResult> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
}

/** What a handler has said; whoever wrote it may not have looked at its type. */
function read(result: unknown, messages: readonly MessageExt[]): HandlerAnswer {
  switch (result) {
    case undefined:
    case 'success':
      return 'DONE'
    case 'retry':
      return 'RETRY'
    case 'dlq':
      return 'DLQ'
    case 'suspend':
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
