import { expect, test } from 'vitest'
import { bashCandidate, shellWords } from '../../../src/cli/completion/shell-line.ts'

test.each([
  ['mq ', ['mq', '']],
  ['mq topics sh', ['mq', 'topics', 'sh']],
  ['mq  consume\torders -g', ['mq', 'consume', 'orders', '-g']],
  ["mq produce t --body 'a b' --ta", ['mq', 'produce', 't', '--body', 'a b', '--ta']],
  [String.raw`mq produce t --body "a \"b" `, ['mq', 'produce', 't', '--body', 'a "b', '']],
  [String.raw`mq show a\ b`, ['mq', 'show', 'a b']],
  ["mq show 'open", ['mq', 'show', 'open']],
  ["mq show ''", ['mq', 'show', '']],
])('the words of %s', (line, words) => {
  expect(shellWords(line)).toEqual(words)
})

test('a candidate begins where bash takes a word to begin, and what means something to bash is quoted', () => {
  expect(bashCandidate('--group=billing', '--group=bi')).toBe('billing')
  expect(bashCandidate('broker-a:0', 'broker-a:')).toBe('0')
  expect(bashCandidate('billing', 'bi')).toBe('billing')
  expect(bashCandidate('%RETRY%a|b', '%R')).toBe(String.raw`%RETRY%a\|b`)
})
