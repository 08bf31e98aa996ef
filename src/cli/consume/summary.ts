import type { StopReason } from './stopping.ts'

/** What a consume command counts. */
export class Tally {
  /** Consumed: printed, handled or counted. */
  messages = 0
  /** Listener calls' messages that failed, whatever was then done with them. */
  failed = 0
  /** Passed over by the filters of this side. */
  filtered = 0

  /** Everything that arrived. */
  get seen(): number {
    return this.messages + this.failed + this.filtered
  }
}

/** How the end of a command is told. */
export const summaryForms = ['text', 'json', 'none'] as const
export type SummaryForm = (typeof summaryForms)[number]

/** The line said at the end; `undefined` for none. */
export function summaryLine(
  form: SummaryForm,
  tally: Tally,
  end: { readonly millis: number; readonly stoppedBy: StopReason | undefined },
): string | undefined {
  const seconds = Math.round(end.millis) / 1000
  const rate = end.millis > 0 ? Math.round((tally.messages * 1000) / end.millis) : 0
  const { messages, failed, filtered } = tally
  switch (form) {
    case 'none':
      return undefined
    case 'json':
      return JSON.stringify({ messages, seconds, rate, failed, filtered, stoppedBy: end.stoppedBy ?? null })
    case 'text': {
      const passedOver = filtered === 0 ? '' : `, ${filtered} filtered out`
      return `${messages} ${messages === 1 ? 'message' : 'messages'} in ${seconds} s (${rate}/s), ${failed} failed${passedOver}`
    }
  }
}
