import { describe, expect, it } from 'vitest'
import { messageFilter } from '../../../src/cli/consume/message-filter.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { message } from '../../support/messages.ts'

const order = message({
  body: 'order 17 paid\nin full',
  properties: { KEYS: 'k1 order.17', region: 'eu-west', a: 'x' },
})
const passes = (options: { keys?: string[]; properties?: string[]; grep?: string }): boolean | undefined =>
  messageFilter({ keys: options.keys ?? [], properties: options.properties ?? [], grep: options.grep })?.(order)

describe('the filter of this side', () => {
  it('is none when nothing is looked for', () => {
    expect(messageFilter({ keys: [], properties: [], grep: undefined })).toBeUndefined()
  })

  it.each<[string, boolean]>([
    ['k1', true],
    ['order.17', true],
    ['order?17', true],
    ['order.*', true],
    ['k', false],
    ['*', true],
    ['orderx17', false],
    ['K1', false],
  ])('looks for the key %s', (key, found) => {
    expect(passes({ keys: [key] })).toBe(found)
  })

  it('takes any of several keys, and all of several properties', () => {
    expect(passes({ keys: ['nope', 'k1'] })).toBe(true)
    expect(passes({ properties: ['region=eu-*', 'a=x'] })).toBe(true)
    expect(passes({ properties: ['region=eu-*', 'a=y'] })).toBe(false)
  })

  it.each<[string, boolean]>([
    ['region=eu-west', true],
    ['region=eu', false],
    ['region=*', true],
    ['missing=*', false],
    ['region=', false],
  ])('looks for the property %s', (property, found) => {
    expect(passes({ properties: [property] })).toBe(found)
  })

  it.each<[string, boolean]>([
    ['paid', true],
    ['^order \\d+', true],
    ['refunded', false],
  ])('looks for %s in the body', (grep, found) => {
    expect(passes({ grep })).toBe(found)
  })

  it('wants everything that is looked for', () => {
    expect(passes({ keys: ['k1'], grep: 'paid' })).toBe(true)
    expect(passes({ keys: ['k1'], grep: 'nope' })).toBe(false)
  })

  it('refuses what cannot be read', () => {
    expect(() => passes({ properties: ['region'] })).toThrow(UsageError)
    expect(() => passes({ properties: ['=x'] })).toThrow(/is not name=value/)
    expect(() => passes({ grep: '(' })).toThrow(/--grep: '\(' is not a regular expression/)
  })
})
