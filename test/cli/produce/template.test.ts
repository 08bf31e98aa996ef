import { describe, expect, test } from 'vitest'
import { checkPlan } from '../../../src/cli/produce/check-plan.ts'
import { readsInput } from '../../../src/cli/produce/choose-source.ts'
import { delayLevelOf } from '../../../src/cli/produce/delay-level.ts'
import { fromTemplate, messageTemplate, type TemplateFlagValues } from '../../../src/cli/produce/template.ts'
import { UsageError } from '../../../src/core/errors.ts'

const none: TemplateFlagValues = {
  tags: undefined,
  key: undefined,
  prop: undefined,
  'shard-key': undefined,
  queue: undefined,
  'delay-level': undefined,
  delay: undefined,
}

describe('a delay', () => {
  test.each([
    [1000, 1],
    [10_000, 3],
    [600_000, 14],
    [7_200_000, 18],
  ])('of %d ms is level %d', (millis, level) => {
    expect(delayLevelOf(millis)).toBe(level)
  })

  test('between two levels is refused with both', () => {
    expect(() => delayLevelOf(45_000)).toThrow('45 s is none of the delays a broker has (1s to 2h)')
    try {
      delayLevelOf(45_000)
    } catch (error) {
      expect((error as UsageError).suggestions[0]).toMatch(/^take 30s or 1m; all of them: 1s 5s /)
    }
  })

  test.each([0, 100_000_000])('of %d ms is beyond them all', (millis) => {
    expect(() => delayLevelOf(millis)).toThrow(UsageError)
  })
})

describe('the template', () => {
  test('holds what every message is like', () => {
    const flags = { ...none, tags: 't', key: ['a', 'b'], prop: ['x=1', 'y=a=b'], 'shard-key': 's', delay: 10_000 }
    const template = messageTemplate('orders', flags)

    expect(template).toMatchObject({ tags: 't', keys: ['a', 'b'], shardingKey: 's', delayLevel: 3 })
    expect([...template.properties]).toEqual([
      ['x', '1'],
      ['y', 'a=b'],
    ])
  })

  test('--queue picks that queue and no other', () => {
    const { selector } = messageTemplate('orders', { ...none, queue: 'broker-a:1' })
    const queues = [0, 1, 2].map((queueId) => ({ topic: 'orders', brokerName: 'broker-a', queueId }))
    const message = { topic: 'orders', body: Buffer.from('x') }

    expect(selector?.(queues, message)).toBe(queues[1])
    expect(selector?.([], message)).toBeUndefined()
  })

  test.each([
    ['a property without a value', { prop: ['x='] }, '--prop:'],
    ['a property without a name', { prop: ['=1'] }, '--prop:'],
    ['a property another flag sets', { prop: ['KEYS=a'] }, 'is set by --key'],
    ["a property of RocketMQ's own", { prop: ['UNIQ_KEY=a'] }, 'belongs to RocketMQ itself'],
    ['a key with a blank', { key: ['a b'] }, 'give several keys as several --key'],
    ['empty tags', { tags: ' ' }, '--tags is empty'],
    ['a queue without its number', { queue: 'broker-a' }, '--queue:'],
    ['a queue and a sharding key', { queue: 'b:0', 'shard-key': 'k' }, 'both choose the queue'],
    ['two delays', { delay: 1000, 'delay-level': 1 }, 'say the same'],
    ['a delay that is no level', { delay: 45_000 }, '--delay: 45 s is none'],
  ])('refuses %s', (_name, flags, message) => {
    expect(() => messageTemplate('orders', { ...none, ...flags })).toThrow(UsageError)
    expect(() => messageTemplate('orders', { ...none, ...flags })).toThrow(message)
  })

  test('wins over what a message says itself; keys and properties add up', () => {
    const template = messageTemplate('orders', { ...none, tags: 't', key: ['b'], prop: ['x=1'] })
    const content = {
      body: Buffer.from('hi'),
      tags: 'own',
      keys: ['a'],
      shardingKey: 's',
      properties: new Map([
        ['x', '0'],
        ['y', '2'],
      ]),
    }

    const message = fromTemplate(template, content)

    expect(message).toMatchObject({ topic: 'orders', tags: 't', keys: ['a', 'b'], shardingKey: 's' })
    expect([...(message.properties ?? [])]).toEqual([
      ['x', '1'],
      ['y', '2'],
    ])
  })
})

describe('flags that contradict each other', () => {
  const made = { body: undefined, size: undefined, input: undefined, count: undefined }

  test('are told', () => {
    expect(() => readsInput({ ...made, body: 'x', size: 1 })).toThrow('--body and --size')
    expect(() => readsInput({ ...made, body: 'x', input: 'raw' })).toThrow('--input is about stdin')
    expect(() => readsInput({ ...made, body: '' })).toThrow('--body is empty')
    expect(() => checkPlan({ batch: 2, rate: undefined, oneway: true }, { delayLevel: undefined })).toThrow('--oneway')
    expect(() => checkPlan({ batch: 2, rate: undefined, oneway: false }, { delayLevel: 3 })).toThrow('batches')
  })

  test('stdin is read only when nothing else makes the body', () => {
    expect(readsInput(made)).toBe(true)
    expect(readsInput({ ...made, body: 'x' })).toBe(false)
    expect(readsInput({ ...made, size: 10 })).toBe(false)
  })
})
