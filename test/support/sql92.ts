import { fixtureText } from './fixtures.ts'

/** What Apache RocketMQ makes of an expression. */
export interface SqlCase {
  readonly sql: string
  /** Which of the messages match; absent when the expression is refused. */
  readonly matches?: readonly number[]
  readonly refused?: boolean
  /** The text behind the first complete expression, which Java does not look at. */
  readonly ignored?: string
  /** The first version that says so. */
  readonly since?: string
}

/** The table of expressions and messages, taken from the classes of Apache RocketMQ. */
export const sql92 = JSON.parse(fixtureText('sql92.json')) as {
  readonly messages: readonly Readonly<Record<string, string>>[]
  readonly expressions: readonly SqlCase[]
}
