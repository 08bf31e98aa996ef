import { UsageError } from '../../errors.ts'
import { boolean, integer, list, record, type Shape, string, withDefault } from '../shape.ts'

/** Java's `String.hashCode`: 31·h + code unit, wrapped to 32 bits. */
export function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/** What a member of a group wants of one topic (`SubscriptionData.java`). */
export interface SubscriptionData {
  readonly topic: string
  readonly subString: string
  readonly tagsSet: readonly string[]
  readonly codeSet: readonly number[]
  readonly subVersion: number
  readonly expressionType: string
  readonly classFilterMode: boolean
}

export const subscriptionDataShape: Shape<SubscriptionData> = record({
  classFilterMode: withDefault(boolean, false),
  codeSet: withDefault(list(integer), []),
  expressionType: withDefault(string, 'TAG'),
  subString: withDefault(string, '*'),
  subVersion: withDefault(integer, 0),
  tagsSet: withDefault(list(string), []),
  topic: string,
})

/**
 * A subscription by tags: `A || B`, `*` or nothing for all (`FilterAPI#buildSubscriptionData`). Throws
 * {@link UsageError} when the expression consists of `||` and blanks only: brokers would take some of these, and then
 * deliver nothing.
 */
export function tagSubscription(topic: string, expression: string | undefined, version: number): SubscriptionData {
  const all = expression === undefined || ['', '*'].includes(expression.trim())
  const tags = all
    ? []
    : expression
        .split('||')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '')
  if (!all && tags.length === 0) {
    throw new UsageError(`the tag expression '${expression}' names no tag; write e.g. 'TagA || TagB'`)
  }
  const tagsSet = [...new Set(tags)]
  return {
    topic,
    subString: all ? '*' : expression,
    tagsSet,
    codeSet: [...new Set(tagsSet.map(javaHash))],
    subVersion: version,
    expressionType: 'TAG',
    classFilterMode: false,
  }
}

/** A subscription by an SQL92 expression over properties; the broker alone evaluates it. */
export function sqlSubscription(topic: string, expression: string, version: number): SubscriptionData {
  if (expression.trim() === '') throw new UsageError('the SQL92 expression is empty')
  return {
    topic,
    subString: expression,
    tagsSet: [],
    codeSet: [],
    subVersion: version,
    expressionType: 'SQL92',
    classFilterMode: false,
  }
}
