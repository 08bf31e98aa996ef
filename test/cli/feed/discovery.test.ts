import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { chooseFeed } from '../../../src/cli/feed/choose-feed.ts'
import { announce, type FeedEntry, runningFeeds, socketPath } from '../../../src/cli/feed/discovery.ts'
import { runDirectory } from '../../../src/cli/feed/run-directory.ts'
import { scratchFolder } from '../../support/feed.ts'

let env: Record<string, string>
let run: string

beforeEach(() => {
  env = { MQ_STATE_DIR: scratchFolder() }
  run = runDirectory(env)
})

function entry(more: Partial<FeedEntry> = {}): FeedEntry {
  const address = { kind: 'tcp', port: 4000, token: 'secret' } as const
  return {
    proto: 1,
    app: 'mq',
    pid: process.pid,
    clientId: 'c@1',
    group: 'g',
    topic: 'orders',
    startedAt: 1,
    address,
    ...more,
  }
}

test('a feed that is announced is found, in files that only this user can read, until it is taken away', () => {
  expect(runningFeeds(env)).toEqual([])
  const hide = announce(entry(), env)

  expect(runningFeeds(env)).toEqual([entry()])
  expect(lstatSync(run).mode & 0o777).toBe(0o700)
  expect(lstatSync(path.join(run, `${process.pid}.json`)).mode & 0o777).toBe(0o600)
  hide()
  expect(runningFeeds(env)).toEqual([])
  expect(readdirSync(run)).toEqual([])
})

test('what processes that are gone have left behind is removed', () => {
  announce(entry({ pid: 2 ** 30 }), env)
  writeFileSync(path.join(run, `${2 ** 30}.sock`), '')

  expect(runningFeeds(env)).toEqual([])
  expect(readdirSync(run)).toEqual([])
})

test('a file that others may read or write, a link, and what is no feed are not believed', () => {
  const file = path.join(run, `${process.pid}.json`)
  announce(entry(), env)
  chmodSync(file, 0o644)
  expect(runningFeeds(env)).toEqual([])
  chmodSync(file, 0o600)
  for (const text of [
    '',
    '[]',
    '{"pid":1}',
    JSON.stringify(entry({ pid: 1 })),
    JSON.stringify({ ...entry(), address: {} }),
  ]) {
    writeFileSync(file, text)
    expect(runningFeeds(env)).toEqual([])
  }
  const parent = String(process.ppid)
  writeFileSync(path.join(run, 'elsewhere'), JSON.stringify(entry({ pid: Number(parent) })), { mode: 0o600 })
  symlinkSync(path.join(run, 'elsewhere'), path.join(run, `${parent}.json`))
  expect(runningFeeds(env)).toEqual([])
})

test('a folder that others can enter is taken from them; one that is a link is refused', () => {
  mkdirSync(run, { mode: 0o777 })
  chmodSync(run, 0o777)
  expect(runningFeeds(env)).toEqual([])
  announce(entry(), env)
  expect(lstatSync(run).mode & 0o777).toBe(0o700)

  const other = { MQ_STATE_DIR: scratchFolder() }
  symlinkSync(run, runDirectory(other))
  expect(() => announce(entry(), other)).toThrow(/not a folder of this user alone/)
})

test('the folder is that of the session unless another was named', () => {
  expect(runDirectory({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/mq')
  expect(runDirectory({ XDG_RUNTIME_DIR: '/run/user/7', MQ_STATE_DIR: '/s' })).toBe('/s/run')
  expect(runDirectory({ XDG_RUNTIME_DIR: 'relative', HOME: '/h' })).toBe('/h/.local/state/mq/run')
})

test('the socket of an earlier process of the same number gives way; a path that is too long is refused', () => {
  mkdirSync(run, { mode: 0o700 })
  const stale = path.join(run, '77.sock')
  writeFileSync(stale, '')
  expect(socketPath(env, 77)).toBe(stale)
  expect(existsSync(stale)).toBe(false)

  const deep = { MQ_STATE_DIR: path.join(scratchFolder(), 'x'.repeat(90)) }
  expect(() => socketPath(deep, 77)).toThrow(/too long for a socket/)
})

test('the only feed need not be named, several are, by process or client', () => {
  expect(() => chooseFeed(undefined, env)).toThrow(/no feed runs here/)
  announce(entry(), env)
  expect(chooseFeed(undefined, env)).toEqual(entry())
  expect(chooseFeed('c@1', env)).toEqual(entry())
  expect(() => chooseFeed('4711', env)).toThrow(/no feed of 4711/)

  announce(entry({ pid: process.ppid, clientId: 'd@2', startedAt: 0 }), env)
  expect(runningFeeds(env).map(({ clientId }) => clientId)).toEqual(['d@2', 'c@1'])
  expect(() => chooseFeed(undefined, env)).toThrow(expect.objectContaining({ code: 'REFUSED' }))
  expect(chooseFeed(String(process.ppid), env).clientId).toBe('d@2')
})
