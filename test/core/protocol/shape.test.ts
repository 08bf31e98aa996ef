import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import { clusterInfoShape } from '../../../src/core/protocol/bodies/cluster-info.ts'
import { resetOffsetBodyShape } from '../../../src/core/protocol/bodies/reset-offset.ts'
import { topicRouteDataShape } from '../../../src/core/protocol/bodies/topic-route.ts'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import { messageQueueShape } from '../../../src/core/protocol/message/message-queue.ts'
import {
  bigInteger,
  boolean,
  entriesOf,
  integer,
  json,
  list,
  mapOf,
  mapOfIntegers,
  maybe,
  maybeJson,
  number,
  record,
  type Shape,
  string,
  withDefault,
} from '../../../src/core/protocol/shape.ts'

const read = <T>(shape: Shape<T>, text: string): T => shape.read(readFastjson(text), 'body')
const bytes = (text: string): Buffer => Buffer.from(text)

describe('a shape', () => {
  it.each<[string, Shape<unknown>, string]>([
    ['body: expected a string, got number', string, '1'],
    ['body: expected a safe integer, got bigint', integer, '9007199254740993'],
    ['body: expected a safe integer, got string', integer, '"1.5"'],
    ['body: expected a safe integer, got number', integer, '1.5'],
    ['body: expected a number, got string', number, '"1"'],
    ['body: expected true or false, got null', boolean, 'null'],
    ['body: expected a list, got an object', list(string), '{}'],
    ['body[1]: expected a string, got a list', list(string), '["a",[]]'],
    ['body: expected an object, got a list', record({}), '[]'],
    ['body.a is missing', record({ a: string }), '{"b":"x"}'],
    ['body.a is missing', record({ a: string }), '{"a":null}'],
    ['body.a.b: expected a string, got number', record({ a: record({ b: string }) }), '{"a":{"b":1}}'],
    ['body key: expected a string, got an object', mapOf(string), '{{"a":1}:"x"}'],
    ['body key: expected a safe integer, got string', mapOfIntegers(string), '{"a":"x"}'],
    ['body: expected an object, got string', entriesOf(string, string), '"x"'],
    ['body key.queueId is missing', entriesOf(messageQueueShape, integer), '{{"brokerName":"b"}:1}'],
  ])('says where a body is wrong: %s', (message, shape, text) => {
    expect(() => read(shape, text)).toThrow(ProtocolError)
    expect(() => read(shape, text)).toThrow(message)
  })

  it('reads integers as text too, as strict JSON quotes longs', () => {
    expect([read(integer, '"42"'), read(bigInteger, '"9223372036854775807"'), read(bigInteger, '5')]).toEqual([
      42,
      2n ** 63n - 1n,
      5n,
    ])
  })

  it('fills in what is absent or null, and only knows its own members', () => {
    const shape = record({ a: withDefault(integer, 7), b: maybe(string), c: integer })

    expect(read(shape, '{"a":null,"c":1,"__proto__":{"x":1},"other":2}')).toEqual({ a: 7, b: undefined, c: 1 })
    expect(json(shape).write({ a: 1, b: undefined, c: 2 }).toString()).toBe('{"a":1,"c":2}')
  })

  it('reads maps by integer with bare and with quoted keys, and writes them quoted', () => {
    const shape = mapOfIntegers(string)

    expect(read(shape, '{0:"a","1":"b"}')).toEqual(
      new Map([
        [0, 'a'],
        [1, 'b'],
      ]),
    )
    expect(
      json(shape)
        .write(new Map([[0, 'a']]))
        .toString(),
    ).toBe('{"0":"a"}')
  })

  it('reads maps by object with bare keys and with keys that are text, and writes them bare', () => {
    const shape = entriesOf(messageQueueShape, integer)
    const queue = { brokerName: 'b', queueId: 1, topic: 'T' }

    expect(read(shape, '{{"brokerName":"b","queueId":1,"topic":"T"}:5}')).toEqual([[queue, 5]])
    expect(read(shape, '{"{\\"brokerName\\":\\"b\\",\\"queueId\\":1,\\"topic\\":\\"T\\"}":5}')).toEqual([[queue, 5]])
    expect(
      json(shape)
        .write([[queue, 5]])
        .toString(),
    ).toBe('{{"brokerName":"b","queueId":1,"topic":"T"}:5}')
  })

  it('may be absent as a whole body', () => {
    const shape = maybeJson(record({ a: integer }))

    expect(shape.read(bytes(''))).toBeUndefined()
    expect(shape.read(bytes('{"a":1}'))).toEqual({ a: 1 })
    expect([shape.write(undefined), shape.write({ a: 1 })].map(String)).toEqual(['', '{"a":1}'])
  })
})

describe('a reset-offset body', () => {
  const queue = { brokerName: 'b', queueId: 1, topic: 'T' }

  it.each([
    '{"offsetTable":{{"brokerName":"b","queueId":1,"topic":"T"}:5}}',
    '{"offsetTable":[{"brokerName":"b","offset":5,"queueId":1,"topic":"T"}]}',
    '{"offsetTable":[[{"brokerName":"b","queueId":1,"topic":"T"},5]]}',
  ])('is read in the form %s', (text) => {
    expect(read(resetOffsetBodyShape, text)).toEqual({ offsetTable: [[queue, 5]] })
  })

  it('may be empty, and is refused when it is something else', () => {
    expect(read(resetOffsetBodyShape, '{}')).toEqual({ offsetTable: [] })
    for (const text of ['[]', '{"offsetTable":[1]}', '{"offsetTable":[[]]}', '{"offsetTable":"x"}']) {
      expect(() => read(resetOffsetBodyShape, text)).toThrow(ProtocolError)
    }
  })
})

describe('a route and a cluster', () => {
  it('come back as they were written', () => {
    const brokerData = { brokerAddrs: new Map([[0, 'h:1']]), brokerName: 'b', cluster: 'c' }
    const route = {
      brokerDatas: [brokerData],
      filterServerTable: new Map(),
      orderTopicConf: undefined,
      queueDatas: [{ brokerName: 'b', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 }],
    }
    const cluster = { brokerAddrTable: new Map([['b', brokerData]]), clusterAddrTable: new Map([['c', ['b']]]) }

    expect(json(topicRouteDataShape).read(json(topicRouteDataShape).write(route))).toEqual(route)
    expect(json(clusterInfoShape).read(json(clusterInfoShape).write(cluster))).toEqual(cluster)
  })
})
