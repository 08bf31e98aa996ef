import type { Command, Interfaces } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import type { CommandClass } from '../../src/cli/base-command.ts'
import { commandNames } from '../../src/cli/command-names.ts'
import { PreparedConfig } from '../../src/cli/prepared-config.ts'

const cached = (id: string, rest: Partial<Command.Cached> = {}): Command.Cached => ({
  id,
  aliases: [],
  args: {},
  flags: {},
  hidden: false,
  hiddenAliases: [],
  summary: `does ${id}`,
  ...rest,
})

const pjson = {
  name: 'mq',
  version: '1.2.3',
  oclif: { bin: 'mq', topicSeparator: ' ', topics: { topics: { description: 'topics of a cluster' } } },
} as unknown as Interfaces.PJSON

function prepare(...list: Command.Cached[]): PreparedConfig {
  const commands = Object.fromEntries(list.map((command) => [command.id, command]))
  return new PreparedConfig({
    root: '/mq',
    pjson,
    names: commandNames(commands),
    manifest: { commands },
    load: (id) => Promise.resolve({ name: `class of ${id}` } as CommandClass),
  })
}

describe('a prepared configuration', () => {
  const config = prepare(
    cached('consume:topic', { aliases: ['consume'], hiddenAliases: ['eat'] }),
    cached('topics:list'),
    cached('secret:thing', { hidden: true }),
  )

  test('knows commands by their ids and aliases, and which are hidden', () => {
    expect(config.commandIDs).toEqual(['consume:topic', 'consume', 'eat', 'topics:list', 'secret:thing'])
    expect(config.commands.filter((command) => command.hidden).map((command) => command.id)).toEqual([
      'eat',
      'secret:thing',
    ])
    expect(config.findCommand('nope')).toBeUndefined()
  })

  test('loads the command itself for an alias', async () => {
    const command = await config.findCommand('consume', { must: true }).load()

    expect(command.name).toBe('class of consume:topic')
    expect(command.id).toBe('consume:topic')
  })

  test('has a topic for every beginning of a command that is shown, described as said or as the command', () => {
    expect(config.topics).toEqual([
      { name: 'topics', description: 'topics of a cluster' },
      { name: 'consume:topic', description: 'does consume:topic' },
      { name: 'consume', description: 'does consume:topic' },
      { name: 'topics:list', description: 'does topics:list' },
    ])
    expect(config.findTopic('topics')?.description).toBe('topics of a cluster')
    expect(config.findTopic('secret')).toBeUndefined()
  })

  test('throws where something must be there and is not', () => {
    expect(() => config.findCommand('nope', { must: true })).toThrow('there is no nope')
    expect(() => config.findTopic('nope', { must: true })).toThrow('there is no nope')
  })

  test('says who asks', () => {
    expect(config.userAgent).toBe(`mq/1.2.3 ${process.platform}-${process.arch} node-${process.version}`)
    expect(config.scopedEnvVarKey('x')).toBe('MQ_X')
  })

  test('has no hooks', async () => {
    await expect(config.runHook()).resolves.toEqual({ successes: [], failures: [] })
  })
})
