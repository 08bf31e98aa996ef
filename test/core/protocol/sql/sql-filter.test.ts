import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../../src/core/errors.ts'
import { sqlFilter } from '../../../../src/core/protocol/index.ts'
import { sql92 } from '../../../support/sql92.ts'

const matching = (sql: string): number[] => {
  const { matches } = sqlFilter(sql)
  return [...sql92.messages.entries()].flatMap(([index, properties]) => {
    const values = new Map(Object.entries(properties))
    return matches((name) => values.get(name)) ? [index] : []
  })
}

describe('an SQL92 expression', () => {
  it.each(sql92.expressions.filter(({ refused }) => !refused))('$sql matches what it matches in Java', (row) => {
    expect(matching(row.sql)).toEqual(row.matches)
    expect(sqlFilter(row.sql).ignored).toBe(row.ignored ?? '')
  })

  it.each(sql92.expressions.filter(({ refused }) => refused))('$sql is refused, as in Java', ({ sql }) => {
    expect(() => sqlFilter(sql)).toThrow(UsageError)
  })

  it.each([
    ['a >', "'a >' is no SQL92 expression: the expression ends where a property, a literal or ( must be"],
    ['a != 5', "'a != 5' is no SQL92 expression: '!' at character 3 means nothing"],
    ["a = 'x", "'a = 'x' is no SQL92 expression: the string at character 5 has no end"],
    ["a > 'x'", "'a > 'x'' is no SQL92 expression: 'x' has no order"],
    ['a = NULL', "'a = NULL' is no SQL92 expression: NULL cannot be compared; write IS NULL"],
    ['a IN (5)', "'a IN (5)' is no SQL92 expression: '5' at character 7 stands where a string such as 'x' must be"],
    ['a BETWEEN 5 AND 3', "'a BETWEEN 5 AND 3' is no SQL92 expression: 5 is above 3: nothing is between them"],
    ['a > 0.0', "'a > 0.0' is no SQL92 expression: 0.0 is too small; write 0, which is a whole number"],
  ])('says of %s what is wrong with it', (sql, sentence) => {
    expect(() => sqlFilter(sql)).toThrow(sentence)
  })

  it('is refused when its nesting or its length would cost too much', () => {
    expect(() => sqlFilter(`${'('.repeat(301)}a${')'.repeat(301)}`)).toThrow('the expression is nested too deeply')
    expect(() => sqlFilter('-'.repeat(301))).toThrow(UsageError)
    expect(() => sqlFilter(`a = '${'x'.repeat(70_000)}'`)).toThrow('too long')
    expect(matching(`a = '5'${" OR a = '5'".repeat(5000)}`)).toEqual([1])
    expect(matching(`(a = '5')${" OR (a = '5')".repeat(1000)}`)).toEqual([1])
  })

  it('reads names of things JavaScript knows as properties, which no message has', () => {
    expect(matching('constructor IS NULL AND toString IS NULL')).toHaveLength(sql92.messages.length)
  })
})
