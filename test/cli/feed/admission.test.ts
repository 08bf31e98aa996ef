import { expect, test } from 'vitest'
import { refusalOf } from '../../../src/cli/feed/admission.ts'

const rules = { port: 4000, token: 'secret-1', hasRoom: true }
const good = { host: '127.0.0.1:4000', authorization: 'Bearer secret-1' }

function status(headers: Record<string, string>, more: { url?: string; hasRoom?: boolean } = {}): number | undefined {
  return refusalOf({ url: more.url ?? '/feed', headers }, { ...rules, hasRoom: more.hasRoom ?? true })?.status
}

test('a program of this host with the token is let in', () => {
  expect(status(good)).toBeUndefined()
  for (const host of ['localhost:4000', 'LOCALHOST', '[::1]:4000', '127.0.0.1']) {
    expect(status({ ...good, host })).toBeUndefined()
  }
})

test.each([
  'evil.example',
  '127.evil.example:4000',
  'localhost.evil.example',
  '127.0.0.1.evil.example:4000',
  '127.0.0.1:4001',
  '127.0.0.2:4000',
  '0.0.0.0:4000',
  '',
  ' 127.0.0.1:4000',
  '127.0.0.1:4000@evil.example',
])("the Host '%s' is another host", (host) => {
  expect(status({ ...good, host })).toBe(403)
})

test('any Origin is a browser, and is kept out first of all', () => {
  for (const origin of ['http://127.0.0.1:4000', 'null', '']) expect(status({ ...good, origin })).toBe(403)
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer wrong',
  'Bearer secret-10',
  'bearer secret-1',
  'Basic secret-1',
  'secret-1',
])('without its token nobody is let in: %s', (authorization) => {
  const headers = { host: good.host, ...(authorization === undefined ? {} : { authorization }) }
  expect(status(headers)).toBe(401)
})

test('only one path is served, and only so many readers', () => {
  expect(status(good, { url: '/' })).toBe(404)
  expect(status(good, { url: '/feed?token=secret-1' })).toBe(404)
  expect(status(good, { hasRoom: false })).toBe(503)
})

test('a socket wants neither name nor token: whoever may open it may read it', () => {
  const socket = { port: undefined, token: undefined, hasRoom: true }
  expect(refusalOf({ url: '/feed', headers: {} }, socket)).toBeUndefined()
  expect(refusalOf({ url: '/feed', headers: { origin: 'http://x' } }, socket)?.status).toBe(403)
})
