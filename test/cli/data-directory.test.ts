import { expect, test } from 'vitest'
import { dataDirectory } from '../../src/cli/data-directory.ts'

test.each([
  ['MQ_DATA_DIR', { MQ_DATA_DIR: '/data/mq', XDG_DATA_HOME: '/xdg', HOME: '/home/u' }, '/data/mq'],
  ['XDG_DATA_HOME', { XDG_DATA_HOME: '/xdg', HOME: '/home/u' }, '/xdg/mq/broker'],
  ['HOME', { HOME: '/home/u' }, '/home/u/.local/share/mq/broker'],
  [
    'HOME, as a relative XDG folder counts for nothing',
    { XDG_DATA_HOME: 'xdg', HOME: '/h' },
    '/h/.local/share/mq/broker',
  ],
])('the data directory comes from %s', (_name, env, expected) => {
  expect(dataDirectory(env, 'linux')).toBe(expected)
})

test('a relative MQ_DATA_DIR is taken from where the command runs', () => {
  expect(dataDirectory({ MQ_DATA_DIR: 'data' }, 'linux')).toBe(`${process.cwd()}/data`)
})
