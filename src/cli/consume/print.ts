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

/** The listener that prints. A message is acknowledged when its line is out; until then it takes no listener call. */
export function printHandler({ printer, output }: Printing, tally: Tally): MessageHandler {
  const print = (messages: readonly MessageExt[], context: ConsumeConcurrentlyContext): 'ACKNOWLEDGE_LATER' => {
    const [only] = messages
    const text =
      messages.length === 1 && only !== undefined
        ? output.format(only)
        : messages.map((message) => output.format(message)).join('')
    printer.print(text, new PrintedCall(context, messages.length, tally))
    return 'ACKNOWLEDGE_LATER'
  }
  return (messages, context) => {
    if (printer.full) return printer.room().then(() => print(messages, context))
    return print(messages, context)
  }
}

/** Counts and passes on what became of a call's lines. */
class PrintedCall implements Printed {
  readonly #context: ConsumeConcurrentlyContext
  readonly #count: number
  readonly #tally: Tally

  constructor(context: ConsumeConcurrentlyContext, count: number, tally: Tally) {
    this.#context = context
    this.#count = count
    this.#tally = tally
  }

  acknowledge(status: 'CONSUME_SUCCESS' | 'LEAVE_UNFINISHED'): void {
    if (status === 'CONSUME_SUCCESS') this.#tally.messages += this.#count
    this.#context.acknowledge(status)
  }
}
