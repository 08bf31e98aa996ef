import { describe, expect, test } from 'vitest'
import { shareServer } from '../../../src/cli/contexts/same-server.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'ns1.prod': ['10.0.0.5', 'fd00::5'],
  'alias.prod': ['10.0.0.5'],
  localhost: ['127.0.0.1', '::1'],
}

function find(host: string): Promise<readonly string[]> {
  const known = names[host]
  return known === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(known)
}

describe('two servers are one', () => {
  test.each([
    ['called the same', 'unknown:9876', 'unknown:9876'],
    ['called the same but for case and a last dot', 'NS9.prod.:9876', 'ns9.prod:9876'],
    ['a name and its address', 'ns1.prod:9876', '10.0.0.5:9876'],
    ['a name and its IPv6 address', 'ns1.prod:9876', '[fd00::5]:9876'],
    ['two names of one address', 'ns1.prod:9876', 'alias.prod:9876'],
    ['localhost and its address', 'localhost:9876', '127.0.0.1:9876'],
    ['two addresses of loopback', '127.0.0.1:9876', '[::1]:9876'],
    ['a loopback address in IPv6', '127.1.2.3:9876', '[::ffff:127.0.0.1]:9876'],
  ])('when they are %s', async (_, one, other) => {
    expect(await shareServer([one], ['elsewhere:1', other], find)).toBe(true)
  })
})

describe('two servers are not one', () => {
  test.each([
    ['another port', 'ns1.prod:9876', '10.0.0.5:9877'],
    ['another address', 'ns1.prod:9876', '10.0.0.6:9876'],
    ['names that nobody knows', 'unknown:9876', 'unheard:9876'],
    ['a name that only looks like loopback', '127.evil.example:9876', '127.0.0.1:9876'],
  ])('with %s', async (_, one, other) => {
    expect(await shareServer([one], [other], find)).toBe(false)
  })

  test('when there are none', async () => {
    expect(await shareServer([], ['ns1.prod:9876'], find)).toBe(false)
  })
})
