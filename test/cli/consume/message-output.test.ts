import { describe, expect, it } from 'vitest'
import { type MessageOutputOptions, messageOutput } from '../../../src/cli/consume/message-output.ts'
import { parseJsonMessage } from '../../../src/cli/produce/json-message.ts'
import { type MessageParts, message } from '../../support/messages.ts'

const parts: MessageParts = {
  queueId: 3,
  queueOffset: 7,
  body: 'héllo',
  reconsumeTimes: 1,
  properties: {
    KEYS: 'k1 k2',
    TAGS: 'paid',
    UNIQ_KEY: '7F0000010000',
    WAIT: 'true',
    CLUSTER: 'c',
    MSG_REGION: 'r',
    TRACE_ON: 'true',
    region: 'eu',
    __SHARDINGKEY: 'c-1',
  },
}

function show(of: MessageParts, options: Partial<MessageOutputOptions> = {}): string {
  const output = messageOutput({
    form: 'jsonl',
    format: undefined,
    terminal: false,
    userName: (name) => name,
    ...options,
  })
  return Buffer.from(output.format(message(of)), output.encoding).toString('utf8')
}

describe('a message as JSON', () => {
  it('has the members of the contract, in one line', () => {
    expect(show(parts)).toBe(
      `${JSON.stringify({
        topic: 'orders',
        broker: 'broker-a',
        queue: 3,
        offset: 7,
        msgId: '7F0000010000',
        offsetMsgId: '7F00000100002A9F0000000000001000',
        keys: ['k1', 'k2'],
        tags: 'paid',
        body: 'héllo',
        properties: { region: 'eu', __SHARDINGKEY: 'c-1' },
        bornTime: '2023-11-14T22:13:20.000Z',
        storeTime: '2023-11-14T22:13:20.005Z',
        reconsumeTimes: 1,
      })}\n`,
    )
  })

  it('has the body as base64 where it is not UTF-8, and null for no tags', () => {
    const shown: unknown = JSON.parse(show({ body: Buffer.from([0xff, 0x00]) }))

    expect(shown).toMatchObject({ bodyBase64: '/wA=', tags: null, keys: [], properties: {} })
    expect(shown).not.toHaveProperty('body')
  })

  it('names the topic as the user does', () => {
    expect(show({ topic: 'ns%orders' }, { userName: (name) => name.replace('ns%', '') })).toContain('"topic":"orders"')
  })

  it('is read back by produce: body, keys, tags, sharding key and properties', () => {
    expect(parseJsonMessage(show(parts))).toMatchObject({
      body: Buffer.from('héllo'),
      keys: ['k1', 'k2'],
      tags: 'paid',
      shardingKey: 'c-1',
      properties: new Map([['region', 'eu']]),
    })
    expect(parseJsonMessage(show({ body: Buffer.from([1, 0xfe]) })).body).toEqual(Buffer.from([1, 0xfe]))
  })

  it('is one line in a pipe with json too, and indented on a terminal', () => {
    expect(show(parts, { form: 'json' })).toBe(show(parts))
    expect(show(parts, { form: 'json', terminal: true })).toMatch(/^\{\n {2}"topic": "orders",\n/)
    expect(show(parts, { terminal: true })).toMatch(/^\{"topic".*\}\n$/)
  })

  it('escapes nothing away for programs, but moves no cursor of a terminal', () => {
    const of = { body: 'a\u001b[2Jb\u009bc\u202ed' }

    expect(JSON.parse(show(of))).toMatchObject({ body: of.body })
    expect(show(of, { terminal: true })).not.toMatch(/[\u001b\u009b\u202e]/)
  })
})

describe('a message as a line', () => {
  it('says where it is, when it was stored, its tag, keys and body', () => {
    expect(show(parts, { form: 'line' })).toBe('broker-a:3@7 2023-11-14T22:13:20.005Z [paid] (k1 k2) retry=1 héllo\n')
  })

  it('leaves out what there is not', () => {
    expect(show({ body: 'b' }, { form: 'line' })).toBe('broker-a:0@0 2023-11-14T22:13:20.005Z b\n')
  })

  it('is one line whatever is in it, without control characters', () => {
    const line = show({ body: 'a\nb\r\nc\u001b[31m\u0000', properties: { TAGS: 'x\ny' } }, { form: 'line' })

    expect(line).toBe('broker-a:0@0 2023-11-14T22:13:20.005Z [x⏎y] a⏎b⏎c·[31m·\n')
  })

  it('has a body that is not UTF-8 as base64', () => {
    expect(show({ body: Buffer.from([0xff, 0xfe]) }, { form: 'line' })).toContain('base64://4=')
  })
})

describe('a message raw', () => {
  it('is its bytes and a line feed', () => {
    const bytes = Buffer.from([0, 0xff, 0x0a, 0x41])
    const output = messageOutput({ form: 'raw', format: undefined, terminal: false, userName: (name) => name })

    expect(Buffer.from(output.format(message({ body: bytes })), output.encoding)).toEqual(
      Buffer.concat([bytes, Buffer.from('\n')]),
    )
  })

  it('is text without control characters on a terminal', () => {
    expect(show({ body: 'é\u001b]0;x\u0007\n' }, { form: 'raw', terminal: true })).toBe('é·]0;x·\n\n')
  })

  it('is overruled by a format', () => {
    expect(show(parts, { form: 'raw', format: '%o\\n' })).toBe('7\n')
  })
})
