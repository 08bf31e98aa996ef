import { Flags } from '@oclif/core'
import type { CustomOptions, FlagDefinition } from '@oclif/core/interfaces'
import { UsageError } from '../core/errors.ts'
import { parseDuration } from './duration.ts'
import { parseSize } from './size.ts'

/** A flag whose value cannot be used. oclif rewrites the message of whatever a flag throws: `sentence` stays. */
export class FlagValueError extends UsageError {
  readonly sentence: string

  constructor(flag: string, problem: UsageError) {
    const sentence = `--${flag}: ${problem.message}`
    super(sentence, { cause: problem, suggestions: problem.suggestions })
    this.sentence = sentence
  }
}

/** Reads the text of a flag with a parser whose UsageErrors then name the flag. */
export function readFlag<T>(flag: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UsageError) throw new FlagValueError(flag, error)
    throw error
  }
}

type NumberFlag = FlagDefinition<number, CustomOptions, { multiple: false; requiredOrDefaulted: false }>

function numberFlag(parse: (text: string) => number): NumberFlag {
  return Flags.custom<number>({
    parse: (text, _context, options) => Promise.resolve(readFlag(options.name, text, parse)),
  })
}

/** A span of time in milliseconds, e.g. `10s`; see {@link parseDuration}. */
export const durationFlag = numberFlag(parseDuration)

/** A number of bytes, e.g. `4k`; see {@link parseSize}. */
export const sizeFlag = numberFlag(parseSize)

/** A whole number within bounds, both included. */
export function integerFlag(bounds: { readonly min: number; readonly max?: number }): NumberFlag {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds
  const range = max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `between ${min} and ${max}`
  return numberFlag((text) => {
    const value = /^-?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(value)) throw new UsageError(`'${text}' is not a whole number; it must be ${range}`)
    if (value < min || value > max) throw new UsageError(`it is ${value}; it must be ${range}`)
    return value
  })
}
