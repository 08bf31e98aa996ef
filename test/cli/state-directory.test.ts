import { expect, test } from 'vitest'
import { stateDirectory } from '../../src/cli/state-directory.ts'

test.each([
  ['MQ_STATE_DIR', { MQ_STATE_DIR: '/state/mq', XDG_STATE_HOME: '/xdg', HOME: '/home/u' }, '/state/mq'],
  ['XDG_STATE_HOME', { XDG_STATE_HOME: '/xdg', HOME: '/home/u' }, '/xdg/mq'],
  ['HOME, as a relative XDG folder counts for nothing', { XDG_STATE_HOME: 'x', HOME: '/h' }, '/h/.local/state/mq'],
])('the state directory comes from %s', (_name, env, expected) => {
  expect(stateDirectory(env, 'linux')).toBe(expected)
})
