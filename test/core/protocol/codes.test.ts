import { expect, it } from 'vitest'
import { mqVersion, responseName, versionName } from '../../../src/core/protocol/index.ts'

it.each([
  [0, 'SUCCESS (0)'],
  [21, 'PULL_OFFSET_MOVED (21)'],
  [1500, 'GO_AWAY (1500)'],
  [4711, 'code 4711'],
  [-1, 'code -1'],
])('the response code %i is shown as %s', (code, name) => {
  expect(responseName(code)).toBe(name)
})

it('every version has a number, and every number from 3.0.1 on a version', () => {
  for (let ordinal = 16; ordinal < 612; ordinal++) expect(mqVersion(versionName(ordinal))).toBe(ordinal)
  expect([mqVersion('V5_5_0'), mqVersion('v4.9.7'), mqVersion('5.3.4-SNAPSHOT')]).toEqual([513, 407, 480])
  expect([mqVersion('3.0.0'), versionName(15), versionName(5000)]).toEqual([15, '3.0.0', '6.0.0 or later'])
})

it.each(['', '5', '5.3', '5.3.3.1', '6.0.0', '5.3.10', '3.3.0', '3.0.16', '2.0.0', '5.3.x', ' 5.3.3'])(
  '%j is no version',
  (text) => {
    expect(mqVersion(text)).toBeUndefined()
  },
)
