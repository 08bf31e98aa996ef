import type { CommandContext } from '../command-context.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { stdoutWriter } from '../stdout.ts'
import { OutputClosedError } from '../stdout-writer.ts'
import type { SentMessage } from './sender.ts'
import { type SummaryParts, sentLine, summaryFields } from './summary.ts'

/** What `-o` of `produce` takes: a JSON line for each message, one document at the end, or nothing. */
export const produceFormats = ['none', 'jsonl', 'json'] as const

/** What is written to stdout. */
export type ProduceFormat = (typeof produceFormats)[number]

/** Results on their way to stdout. Sending is what the command is for: that nobody reads them does not end it. */
export class Results {
  readonly #format: ProduceFormat
  #failure: OutputClosedError | undefined

  constructor(format: ProduceFormat) {
    this.#format = format
  }

  /** Why results were lost, unless their reader has gone of its own will. */
  get failure(): OutputClosedError | undefined {
    return this.#failure
  }

  add(sent: SentMessage): Promise<void> | undefined {
    return this.#format === 'jsonl' ? this.#write(sentLine(sent)) : undefined
  }

  async end(summary: SummaryParts, context: CommandContext): Promise<void> {
    if (this.#format !== 'json') return
    await this.#write(`${jsonDocument({ ...documentHead(context), ...summaryFields(summary) })}\n`)
  }

  async #write(text: string): Promise<void> {
    try {
      await stdoutWriter().write(text)
    } catch (error) {
      if (!(error instanceof OutputClosedError)) throw error
      if (!error.readerGone) this.#failure = error
    }
  }
}
