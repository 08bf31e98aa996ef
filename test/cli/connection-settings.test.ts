import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ConnectionFlagValues, connectionSettings } from '../../src/cli/connection-settings.ts'
import { UsageError } from '../../src/core/errors.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mq-settings-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const none: ConnectionFlagValues = {
  namesrv: undefined,
  'access-key': undefined,
  'secret-key-file': undefined,
  tls: false,
  'tls-ca': undefined,
  'tls-cert': undefined,
  'tls-key': undefined,
  'tls-insecure': false,
  namespace: undefined,
  'broker-map': undefined,
}

function fileWith(text: string): string {
  const file = path.join(folder, `secret-${text.length}`)
  writeFileSync(file, text)
  return file
}

describe('name servers', () => {
  const env = { MQ_NAMESRV: 'env:1', NAMESRV_ADDR: 'java:1' }

  test('the flag wins over the environment, and ours over that of Java', () => {
    expect(connectionSettings({ ...none, namesrv: 'flag:1;flag:2' }, env).nameServers).toEqual(['flag:1', 'flag:2'])
    expect(connectionSettings(none, env).nameServers).toEqual(['env:1'])
    expect(connectionSettings(none, { NAMESRV_ADDR: 'java:1' }).nameServers).toEqual(['java:1'])
  })

  test('named nowhere, or by an empty variable, there are none', () => {
    expect(connectionSettings(none, {}).nameServers).toBeUndefined()
    expect(connectionSettings(none, { MQ_NAMESRV: ' ' }).nameServers).toBeUndefined()
  })

  test('a bad address is told with where it came from', () => {
    expect(() => connectionSettings({ ...none, namesrv: 'a b' }, {})).toThrow('--namesrv:')
    expect(() => connectionSettings(none, { MQ_NAMESRV: 'a b' })).toThrow('MQ_NAMESRV:')
  })
})

describe('credentials', () => {
  test('the secret comes from the environment', () => {
    const { credentials } = connectionSettings({ ...none, 'access-key': 'me' }, { MQ_SECRET_KEY: 's3cret' })

    expect(credentials).toEqual({ accessKey: 'me', secretKey: 's3cret', securityToken: undefined })
  })

  test('a file wins, and its last line feed is no part of the secret', () => {
    const flags = { ...none, 'access-key': 'me', 'secret-key-file': fileWith('from file\n') }

    expect(connectionSettings(flags, { MQ_SECRET_KEY: 'env' }).credentials?.secretKey).toBe('from file')
  })

  test.each([
    ['a key without a secret', { ...none, 'access-key': 'me' }, {}],
    ['a secret without a key', none, { MQ_SECRET_KEY: 's3cret' }],
    ['a file that is not there', { ...none, 'access-key': 'me', 'secret-key-file': path.join(folder, 'no') }, {}],
    ['an empty file', { ...none, 'access-key': 'me', 'secret-key-file': fileWith('') }, {}],
  ])('%s is refused, without a word of the secret', (_name, flags, env) => {
    const attempt = (): unknown => connectionSettings(flags, env)

    expect(attempt).toThrow(UsageError)
    expect(attempt).not.toThrow('s3cret')
  })
})

describe('TLS', () => {
  test('is off unless a flag is about it', () => {
    expect(connectionSettings(none, {}).tls).toBeUndefined()
    expect(connectionSettings({ ...none, 'tls-ca': 'ca.pem' }, {}).tls).toMatchObject({ caFile: 'ca.pem' })
    expect(connectionSettings({ ...none, tls: true }, {}).tls).toMatchObject({ insecure: false })
    expect(connectionSettings({ ...none, 'tls-insecure': true }, {}).tls).toMatchObject({ insecure: true })
  })

  test('a certificate without its key is refused', () => {
    expect(() => connectionSettings({ ...none, 'tls-cert': 'c.pem' }, {})).toThrow('only of use together')
  })
})

describe('the broker map', () => {
  test('says where told addresses are really reached', () => {
    const { addressMap } = connectionSettings(
      { ...none, 'broker-map': ['10.0.0.5:10911=localhost:1', 'a:1 = b:2'] },
      {},
    )

    expect([...addressMap]).toEqual([
      ['10.0.0.5:10911', 'localhost:1'],
      ['a:1', 'b:2'],
    ])
  })

  test.each(['a:1', 'a:1=b', 'a=b:1', 'a:1=b:1=c:1', '=', ''])('%j is refused', (entry) => {
    expect(() => connectionSettings({ ...none, 'broker-map': [entry] }, {})).toThrow('--broker-map')
  })
})
