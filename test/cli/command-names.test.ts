import type { Command } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { commandNames, splitName } from '../../src/cli/command-names.ts'

const cached = (id: string, rest: Partial<Command.Cached> = {}): Command.Cached => ({
  id,
  aliases: [],
  args: {},
  flags: {},
  hidden: false,
  hiddenAliases: [],
  ...rest,
})

const names = commandNames({
  'consume:topic': cached('consume:topic', {
    aliases: ['consume'],
    hiddenAliases: ['eat'],
    args: { topic: { name: 'topic' } },
  }),
  'topics:list': cached('topics:list'),
  tail: cached('tail', { strict: false }),
})

const split = (...words: string[]) => {
  const { name, rest } = splitName(words, names)
  return [name, ...rest]
}

describe('the names of commands', () => {
  test('are their ids and all aliases, each with the command behind it', () => {
    const consume = { id: 'consume:topic', takesArguments: true }
    expect(names).toEqual({
      'consume:topic': consume,
      consume,
      eat: consume,
      'topics:list': { id: 'topics:list', takesArguments: false },
      tail: { id: 'tail', takesArguments: true },
    })
  })

  test('end where arguments or flags of a command begin', () => {
    expect(split('consume', 'orders', '-g', 'g')).toEqual(['consume', 'orders', '-g', 'g'])
    expect(split('consume', 'topic', 'orders')).toEqual(['consume:topic', 'orders'])
    expect(split('topics', 'list', '--json')).toEqual(['topics:list', '--json'])
    expect(split('tail', 'one', 'two')).toEqual(['tail', 'one', 'two'])
    expect(split('consume', 'a=b', 'c')).toEqual(['consume', 'a=b', 'c'])
    expect(split('topics', 'list', 'x=y')).toEqual(['topics:list', 'x=y'])
  })

  test('take all words that no command could have as arguments', () => {
    expect(split('topics', 'lost')).toEqual(['topics:lost'])
    expect(split('topics', 'list', 'more', '-n', 'x')).toEqual(['topics:list:more', '-n', 'x'])
    expect(split('--what', 'topics')).toEqual(['--what', 'topics'])
  })
})
