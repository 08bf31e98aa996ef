import { describe, expect, test } from 'vitest'
import { parseJsonMessage } from '../../../src/cli/produce/json-message.ts'
import { UsageError } from '../../../src/core/errors.ts'

const line = (value: unknown): ReturnType<typeof parseJsonMessage> => parseJsonMessage(JSON.stringify(value))

describe('a message as consume writes it', () => {
  test('is read with body, tags, keys and properties; where it came from is not', () => {
    const message = line({
      topic: 'orders',
      broker: 'b',
      queue: 3,
      offset: 7,
      msgId: 'X',
      offsetMsgId: 'Y',
      keys: ['k1', 'k2'],
      tags: 'created',
      body: 'héllo',
      properties: { region: 'eu', UNIQ_KEY: 'X', MIN_OFFSET: '0', RECONSUME_TIME: '2', REAL_TOPIC: 'z' },
      bornTime: '2026-11-20T10:00:00.000Z',
      reconsumeTimes: 2,
    })

    expect(message.body.toString()).toBe('héllo')
    expect(message).toMatchObject({ tags: 'created', keys: ['k1', 'k2'], delayLevel: undefined })
    expect([...(message.properties ?? [])]).toEqual([['region', 'eu']])
  })

  test('that was a dead letter, with delay level 0, is not delayed', () => {
    expect(line({ body: 'x', properties: { DELAY: '0' } }).delayLevel).toBeUndefined()
  })

  test('with a body that is no text has it as Base64', () => {
    expect(line({ bodyBase64: '/wD+' }).body).toEqual(Buffer.from([0xff, 0, 0xfe]))
    expect(line({ bodyBase64: '/wD+/w==' }).body).toHaveLength(4)
  })

  test('may say tags, keys, delay and sharding key as properties, as the wire does', () => {
    const message = line({ body: 'x', properties: { TAGS: 't', KEYS: 'a b', DELAY: '3', __SHARDINGKEY: 's' } })

    expect(message).toMatchObject({ tags: 't', keys: ['a', 'b'], delayLevel: 3, shardingKey: 's' })
    expect([...(message.properties ?? [])]).toEqual([])
  })

  test('may leave out everything but the body, or say null', () => {
    expect(line({ body: 'x', keys: null, tags: null, properties: null })).toMatchObject({ keys: [], tags: undefined })
  })

  test('keeps properties whose names are members of every object', () => {
    const message = parseJsonMessage('{"body":"x","properties":{"__proto__":"p","constructor":"c"}}')

    expect(message.properties?.get('__proto__')).toBe('p')
    expect(message.properties?.get('constructor')).toBe('c')
  })
})

describe('what is no message', () => {
  test.each([
    ['no JSON', '{"body":', 'it is not JSON'],
    ['no object', '[1]', 'the line is not a JSON object'],
    ['no body', '{}', 'it has neither body nor bodyBase64'],
    ['two bodies', '{"body":"a","bodyBase64":"YQ=="}', 'it has both body and bodyBase64'],
    ['bad Base64', '{"bodyBase64":"a*"}', 'bodyBase64 is not Base64'],
    ['a body that is a number', '{"body":1}', 'body is not a text'],
    ['keys that are no list', '{"body":"a","keys":"k"}', 'keys is not a list of texts'],
    ['a key with a blank', '{"body":"a","keys":["k l"]}', 'keys has a member'],
    ['a property that is a number', '{"body":"a","properties":{"n":1}}', 'the property n is not a text'],
    ['a delay that is none', '{"body":"a","properties":{"DELAY":"soon"}}', "the property DELAY is 'soon'"],
  ])('%s is told', (_name, text, message) => {
    expect(() => parseJsonMessage(text)).toThrow(UsageError)
    expect(() => parseJsonMessage(text)).toThrow(message)
  })
})
