import type { Command, Interfaces } from '@oclif/core'
import { normalizeArgv } from '@oclif/core/help'
import { describe, expect, test } from 'vitest'
import { commandNames, nameLookup } from '../../src/cli/command-names.ts'

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

const split = (...words: string[]) => normalizeArgv(nameLookup(names) as Interfaces.Config, words)

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
  })

  test('take all words that no command could have as arguments', () => {
    expect(split('topics', 'lost')).toEqual(['topics:lost'])
  })
})
