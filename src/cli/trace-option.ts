import type { TraceOption } from '../core/producer/index.ts'

/** What `--trace` and `--trace-topic` ask for: the second implies the first. */
export function traceOption(flags: {
  readonly trace: boolean
  readonly 'trace-topic': string | undefined
}): TraceOption {
  const { trace, 'trace-topic': topic } = flags
  return topic === undefined ? trace : { topic }
}
