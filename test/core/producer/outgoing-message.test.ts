import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { checkBatch } from '../../../src/core/producer/message-batch.ts'
import { checkMessage, type OutgoingMessage, outgoingProperties } from '../../../src/core/producer/outgoing-message.ts'
import { decodeProperties } from '../../../src/core/protocol/index.ts'

const plain: OutgoingMessage = { topic: 'T', body: Buffer.from('x') }
const own = { uniqKey: 'ID', namespace: '' }

function propertiesOf(message: Partial<OutgoingMessage>, namespace = ''): Record<string, string> {
  return Object.fromEntries(decodeProperties(outgoingProperties({ ...plain, ...message }, { ...own, namespace })))
}

describe('the properties of a message', () => {
  it('carry its id, and that its sender waits', () => {
    expect(propertiesOf({})).toEqual({ UNIQ_KEY: 'ID', WAIT: 'true' })
  })

  it('carry tags, keys, delay level, sharding key and namespace, which win over those given', () => {
    const properties = new Map([
      ['TAGS', 'no'],
      ['a', '1'],
    ])
    const message = { tags: 'A', keys: ['k1', 'k2'], delayLevel: 3, shardingKey: 's', properties }

    expect(propertiesOf(message, 'NS')).toEqual({
      TAGS: 'A',
      a: '1',
      KEYS: 'k1 k2',
      DELAY: '3',
      __SHARDINGKEY: 's',
      INSTANCE_ID: 'NS',
      UNIQ_KEY: 'ID',
      WAIT: 'true',
    })
  })

  it('leave no KEYS for no keys', () => {
    expect(propertiesOf({ keys: [] })).not.toHaveProperty('KEYS')
  })

  it.each<[string, Partial<OutgoingMessage>]>([
    ['an empty value', { properties: new Map([['a', '']]) }],
    ['an empty name', { properties: new Map([['', 'a']]) }],
    ['a separator in a value', { properties: new Map([['a', '1\u00022']]) }],
    ['a separator in a name', { properties: new Map([['a\u0001', '1']]) }],
    ['a separator in the tags', { tags: 'A\u0002' }],
    ['empty tags', { tags: '' }],
    ['an empty sharding key', { shardingKey: '' }],
    ['more than 32767 bytes', { properties: new Map([['a', 'ä'.repeat(16_400)]]) }],
  ])('cannot carry %s', (_what, message) => {
    expect(() => propertiesOf(message)).toThrow(UsageError)
  })

  it('say how long they are when they are too long', () => {
    const most = 32_767 - outgoingProperties(plain, own).length - 3

    expect(() => propertiesOf({ properties: new Map([['a', 'x'.repeat(most)]]) })).not.toThrow()
    expect(() => propertiesOf({ properties: new Map([['a', 'x'.repeat(most + 1)]]) })).toThrow(
      'the properties of a message take 32768 bytes; at most 32767 can be carried',
    )
  })
})

describe('a message', () => {
  it.each<[string, Partial<OutgoingMessage>, RegExp]>([
    ['without a body', { body: Buffer.alloc(0) }, /empty body/],
    ['with a body no frame can carry', { body: Buffer.alloc(16 * 1024 * 1024) }, /16777216 bytes is too large/],
    ['to a bad topic', { topic: 'a.b' }, /contains '.'/],
    ['to no topic', { topic: '' }, /name is empty/],
    ['to a topic of the brokers', { topic: 'rmq_sys_wheel_timer' }, /belongs to the brokers/],
    ['to the schedule topic', { topic: 'SCHEDULE_TOPIC_XXXX' }, /belongs to the brokers/],
    ['with delay level 0', { delayLevel: 0 }, /0 is not a delay level/],
    ['with a broken delay level', { delayLevel: 1.5 }, /1.5 is not a delay level/],
    ['with an empty key', { keys: ['k', ''] }, /key '' is empty/],
    ['with a key that would become two', { keys: ['k1 k2'] }, /key 'k1 k2' is empty or contains white space/],
    ['with a flag of more than 32 bits', { flag: 2 ** 31 }, /the flag 2147483648/],
  ])('%s is refused before anything is sent', (_what, change, reason) => {
    const check = (): void => {
      checkMessage({ ...plain, ...change })
    }

    expect(check).toThrow(UsageError)
    expect(check).toThrow(reason)
  })

  it.each<[string, Partial<OutgoingMessage>]>([
    ['to a retry topic', { topic: '%RETRY%g' }],
    ['to the benchmark topic', { topic: 'BenchmarkTest' }],
    ['with everything', { keys: ['k'], tags: 'A', delayLevel: 18, flag: -1, shardingKey: 's' }],
  ])('%s is taken', (_what, change) => {
    expect(() => {
      checkMessage({ ...plain, ...change })
    }).not.toThrow()
  })
})

describe('a batch', () => {
  it.each<[string, OutgoingMessage[], RegExp]>([
    ['of two topics', [plain, { ...plain, topic: 'U' }], /one topic/],
    ['with a delay level', [plain, { ...plain, delayLevel: 1 }], /cannot be delayed/],
    ['with a delay property', [{ ...plain, properties: new Map([['DELAY', '1']]) }], /cannot be delayed/],
    ['with a timer', [{ ...plain, properties: new Map([['TIMER_DELAY_MS', '1']]) }], /cannot be delayed/],
    ['for a retry topic', [{ ...plain, topic: '%RETRY%g' }], /no batch for %RETRY%g/],
    [
      'of two sharding keys',
      [
        { ...plain, shardingKey: 'a' },
        { ...plain, shardingKey: 'b' },
      ],
      /one sharding key/,
    ],
    ['of a sharding key and none', [{ ...plain, shardingKey: 'a' }, plain], /one sharding key/],
  ])('%s is refused', (_what, messages, reason) => {
    const check = (): void => {
      checkBatch(messages)
    }

    expect(check).toThrow(UsageError)
    expect(check).toThrow(reason)
  })

  it('of one topic and one sharding key is taken, and so is an empty one', () => {
    const keyed = { ...plain, shardingKey: 'a', tags: 'A', keys: ['k'] }

    expect(() => {
      checkBatch([keyed, keyed])
    }).not.toThrow()
    expect(() => {
      checkBatch([])
    }).not.toThrow()
  })
})
