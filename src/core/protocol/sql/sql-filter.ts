import { UsageError } from '../../errors.ts'
import type { PropertyOf } from './expressions.ts'
import { SqlParser } from './parser.ts'
import { NotComparable } from './values.ts'

/** An SQL92 expression over the properties of messages, as brokers evaluate it. */
export interface SqlFilter {
  /** Whether a message matches; one for which the expression cannot be evaluated does not. */
  readonly matches: (property: PropertyOf) => boolean
  /** What follows the first complete expression: Java's brokers do not look at it. */
  readonly ignored: string
}

/** Longer ones are refused; real ones take a line or two. */
const MAX_CHARACTERS = 65_535

/** Reads an expression (`SqlFilter#compile`). Throws {@link UsageError} for one that no broker takes. */
export function sqlFilter(text: string): SqlFilter {
  if (text.length > MAX_CHARACTERS) throw new UsageError(`an SQL92 expression of ${text.length} characters is too long`)
  const { condition, rest } = parsed(text)
  return {
    ignored: text.slice(rest.at),
    matches: (property) => {
      try {
        return condition(property) === true
      } catch (error) {
        if (error instanceof NotComparable) return false
        throw error
      }
    },
  }
}

function parsed(text: string): ReturnType<SqlParser['parse']> {
  try {
    return new SqlParser(text).parse()
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw new UsageError(`'${text}' is no SQL92 expression: ${cause.message}`, { cause })
  }
}
