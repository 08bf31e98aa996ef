import type { Readable } from 'node:stream'
import { UsageError } from '../../core/errors.ts'
import {
  fromLines,
  fromWhole,
  type InputForm,
  type InputNotes,
  type MessageSource,
  random,
  repeated,
} from './source.ts'
import type { MessageTemplate } from './template.ts'

/** The flags that say where bodies come from. */
export interface SourceFlagValues {
  readonly body: string | undefined
  readonly size: number | undefined
  readonly input: InputForm | undefined
  readonly count: number | undefined
}

/** Where a source may read. */
export interface SourceParts {
  readonly template: MessageTemplate
  readonly input: Readable
  readonly signal: AbortSignal
  readonly notes: InputNotes
}

/** Whether messages come from stdin. Throws UsageError for flags that contradict each other. */
export function readsInput(flags: SourceFlagValues): boolean {
  const { body, size, input } = flags
  if (body !== undefined && size !== undefined) throw new UsageError('--body and --size both make the body; give one')
  const made = body !== undefined || size !== undefined
  if (made && input !== undefined) throw new UsageError('--input is about stdin, which --body and --size leave alone')
  if (body === '') throw new UsageError('--body is empty, and no broker takes an empty message')
  return !made
}

/** The messages the flags ask for. `--count` repeats a body; of lines it is the most that are sent. */
export function messageSource(flags: SourceFlagValues, parts: SourceParts): MessageSource {
  const { template } = parts
  if (flags.body !== undefined) return repeated(template, Buffer.from(flags.body), flags.count ?? 1)
  if (flags.size !== undefined) return random(template, flags.size, flags.count ?? 1)
  if (flags.input === 'raw') return fromWhole({ ...parts, limit: flags.count ?? 1 })
  return fromLines({ ...parts, limit: flags.count ?? Number.MAX_SAFE_INTEGER }, flags.input ?? 'lines')
}
