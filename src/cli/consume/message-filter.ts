import { UsageError } from '../../core/errors.ts'
import type { MessageExt } from '../../core/protocol/index.ts'

/** Whether a message is wanted. */
export type MessageFilter = (message: MessageExt) => boolean

/** What is looked for on this side, after the broker has filtered by tags. */
export interface MessageFilterOptions {
  /** A message has one of these keys (globs). */
  readonly keys: readonly string[]
  /** It has all of these properties: `name=glob`. */
  readonly properties: readonly string[]
  /** Its body as text matches this regular expression. */
  readonly grep: string | undefined
}

/** Builds the filter; `undefined` when everything is wanted. Throws UsageError for an expression that cannot be read. */
export function messageFilter(options: MessageFilterOptions): MessageFilter | undefined {
  const conditions: MessageFilter[] = options.properties.map(propertyFilter)
  if (options.keys.length > 0) conditions.push(keyFilter(options.keys))
  if (options.grep !== undefined) conditions.push(bodyFilter(options.grep))
  const [only] = conditions
  if (conditions.length <= 1) return only
  return (message) => conditions.every((condition) => condition(message))
}

function keyFilter(globs: readonly string[]): MessageFilter {
  const expressions = globs.map(globExpression)
  return (message) => message.keys.some((key) => expressions.some((expression) => expression.test(key)))
}

function propertyFilter(text: string): MessageFilter {
  const [, name = '', glob = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === '') {
    throw new UsageError(`--prop: '${text}' is not name=value`, { suggestions: ["for example --prop 'region=eu-*'"] })
  }
  const expression = globExpression(glob)
  return (message) => {
    const value = message.getProperty(name)
    return value !== undefined && expression.test(value)
  }
}

function bodyFilter(text: string): MessageFilter {
  const expression = regularExpression(text)
  return (message) => expression.test(message.body.toString('utf8'))
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^.*: /s, '') : String(cause)
    throw new UsageError(`--grep: '${text}' is not a regular expression: ${why}`, { cause })
  }
}

/** `*` is any text, `?` any character, everything else itself. */
function globExpression(glob: string): RegExp {
  const source = glob.replace(/[\\^$.*+?()[\]{}|]/g, (character) => {
    if (character === '*') return '.*'
    return character === '?' ? '.' : `\\${character}`
  })
  return new RegExp(`^${source}$`, 'su')
}
