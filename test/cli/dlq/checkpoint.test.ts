import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Checkpoint } from '../../../src/cli/dlq/checkpoint.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { temporaryFolder } from '../../support/mq.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const owner = { group: 'g', cluster: 'c' }
const fileOf = (name: string): string => path.join(folder.path, name)

describe('a checkpoint', () => {
  test('cut at any byte knows no letter as sent that it was not told of, and can be gone on with', () => {
    const whole = fileOf('whole')
    const first = Checkpoint.open(whole, owner)
    for (const letter of ['A', 'B']) for (const state of ['sending', 'sent'] as const) first.set(letter, state)
    first.close()
    const text = readFileSync(whole, 'utf8')
    const head = text.indexOf('\n') + 1

    for (let end = head; end <= text.length; end++) {
      const file = fileOf('cut')
      writeFileSync(file, text.slice(0, end))
      const cut = Checkpoint.open(file, owner)
      // The line feed may be missing: the line before it is whole.
      const told = [...text.slice(0, end).matchAll(/"(\w)","state":"sent"\}/g)].map(([, letter]) => letter)
      expect(['A', 'B'].filter((letter) => cut.stateOf(letter) === 'sent')).toEqual(told)
      cut.set('C', 'sent')
      cut.close()
      const again = Checkpoint.open(file, owner)
      expect(again.stateOf('C')).toBe('sent')
      again.close()
    }
  })

  test('of another group, another cluster or no checkpoint at all is refused', () => {
    const file = fileOf('owned')
    Checkpoint.open(file, owner).close()
    writeFileSync(fileOf('notes'), 'notes')

    expect(() => Checkpoint.open(file, { ...owner, group: 'h' })).toThrow(UsageError)
    expect(() => Checkpoint.open(file, { ...owner, cluster: 'd' })).toThrow(UsageError)
    expect(() => Checkpoint.open(fileOf('notes'), owner)).toThrow(UsageError)
  })

  test('without a file remembers for as long as the command runs', () => {
    const checkpoint = Checkpoint.open(undefined, owner)
    checkpoint.set('A', 'sent')

    expect([checkpoint.stateOf('A'), checkpoint.stateOf('B')]).toEqual(['sent', undefined])
    checkpoint.close()
  })
})
