import type { ConsumeConcurrentlyContext } from '../../core/consumer/index.ts'
import type { MessageExt } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { openStdout } from '../stdout.ts'
import type { ConsumeSettings } from './consume-settings.ts'
import type { MessageHandler } from './listener.ts'
import { type MessageOutput, messageOutput } from './message-output.ts'
import { MessagePrinter, type Printed } from './message-printer.ts'
import type { Tally } from './summary.ts'

/** Printing to stdout, in the form asked for. */
export interface Printing {
  readonly printer: MessagePrinter
  readonly output: MessageOutput
}

/** Opens stdout for messages; `undefined` when nothing is printed. Throws UsageError for a bad `--format`. */
export function openPrinting(
  settings: ConsumeSettings,
  options: { readonly context: CommandContext; readonly connection: Connection },
): Printing | undefined {
  const { form, flags } = settings
  if (form === 'none') return undefined
  const { clock, terminal } = options.context
  const output = messageOutput({
    form,
    format: flags.format,
    terminal: terminal.stdout,
    userName: (topic) => options.connection.userName(topic),
  })
  const { sink, isPipe } = openStdout()
  const printer = new MessagePrinter({
    sink,
    clock,
    encoding: output.encoding,
    // Nothing is committed without a group, so nothing can be lost to a reader either.
    readerMayLeave: isPipe && flags.group !== undefined,
    ...(terminal.stdout ? { batchLength: 1 } : {}),
  })
  return { printer, output }
}

/** Whether the lines of a call may be written. */
type MayPrint = (context: ConsumeConcurrentlyContext) => boolean | Promise<boolean>

/**
 * The listener that prints. A message is acknowledged when its line is out; until then it takes no listener call, and the
 * queue's next ones are printed after it. `mayPrint` is asked before that; without it lines are always written.
 */
export function printHandler({ printer, output }: Printing, tally: Tally, mayPrint?: MayPrint): MessageHandler {
  const print = (messages: readonly MessageExt[], context: ConsumeConcurrentlyContext): 'ACKNOWLEDGE_LATER' => {
    const [only] = messages
    const text =
      messages.length === 1 && only !== undefined
        ? output.format(only)
        : messages.map((message) => output.format(message)).join('')
    printer.print(text, new PrintedCall(context, { count: messages.length, tally, mayPrint }))
    return 'ACKNOWLEDGE_LATER'
  }
  return (messages, context) => {
    if (printer.full) return printer.room().then(() => print(messages, context))
    return print(messages, context)
  }
}

interface PrintedCallParts {
  readonly count: number
  readonly tally: Tally
  readonly mayPrint: MayPrint | undefined
}

/** Counts and passes on what became of a call's lines. */
class PrintedCall implements Printed {
  readonly #context: ConsumeConcurrentlyContext
  readonly #parts: PrintedCallParts

  constructor(context: ConsumeConcurrentlyContext, parts: PrintedCallParts) {
    this.#context = context
    this.#parts = parts
  }

  mayPrint(): boolean | Promise<boolean> {
    return this.#parts.mayPrint?.(this.#context) ?? true
  }

  acknowledge(status: 'CONSUME_SUCCESS' | 'LEAVE_UNFINISHED'): void {
    if (status === 'CONSUME_SUCCESS') this.#parts.tally.messages += this.#parts.count
    this.#context.acknowledge(status)
  }
}
