import { describe, expect, it } from 'vitest'
import { namespaceOf, parseNameServers } from '../../../src/core/client/name-server-addresses.ts'
import { UsageError } from '../../../src/core/errors.ts'

describe('parseNameServers', () => {
  it.each([
    ['127.0.0.1:9876', ['127.0.0.1:9876']],
    ['a:1;b:2', ['a:1', 'b:2']],
    [' a:1 , b:2 ;', ['a:1', 'b:2']],
    ['a:1;a:1', ['a:1']],
    ['mq.example.com', ['mq.example.com:9876']],
    ['http://mq.example.com:8080', ['mq.example.com:8080']],
    ['http://mq.example.com:8080/', ['mq.example.com:8080']],
    ['https://mq.example.com/path/nsaddr', ['mq.example.com:9876']],
    ['[::1]', ['[::1]:9876']],
    ['[::1]:1234', ['[::1]:1234']],
    ['::1:9876', ['[::1]:9876']],
  ])('reads %s', (text, addresses) => {
    expect(parseNameServers(text)).toEqual(addresses)
  })

  it.each([
    '',
    ' ; ',
    ':9876',
    'a:0',
    'a:65536',
    'a b:9876',
    'user@host:9876',
    '::1',
    '2001:db8::5',
    'a:1:2',
    '[::1',
    'a:1/x',
  ])('refuses %j and says what to write', (text) => {
    expect(() => parseNameServers(text)).toThrow(UsageError)
    expect(() => parseNameServers(text)).toThrow(/write /)
  })
})

describe('namespaceOf', () => {
  it('finds the namespace in the host name of a cloud endpoint', () => {
    expect(namespaceOf(parseNameServers('http://MQ_INST_1234_Bxyz.mq.example.com:80'))).toBe('MQ_INST_1234_Bxyz')
  })

  it.each(['127.0.0.1:9876', 'MQ_INST_1234:80', 'mq.MQ_INST_1_b.com:80'])('finds none in %s', (address) => {
    expect(namespaceOf([address])).toBeUndefined()
  })
})
