import { describe, expect, test } from 'vitest'
import { unknownCommand, unknownFirstFlag } from '../../src/cli/command-not-found.ts'

const known = { commands: ['broker start', 'consume topic', 'produce', 'topics create', 'topics list'] }

describe('an unknown command', () => {
  test.each([
    ['topic list', 'topic', 'did you mean mq topics list?'],
    ['topics lst', 'topics lst', 'did you mean mq topics list?'],
    ['prodce', 'prodce', 'did you mean mq produce?'],
    ['prodce orders s3cret', 'prodce', 'did you mean mq produce?'],
  ])('%s is answered with the nearest, and without its arguments', (words, named, suggestion) => {
    expect(unknownCommand(words.split(' '), known)).toEqual({
      message: `there is no command 'mq ${named}'`,
      suggestions: [suggestion],
      exit: 127,
    })
  })

  test('that is one with an argument too many is a usage error', () => {
    expect(unknownCommand(['topics', 'list', 'orders'], known)).toEqual({
      message: 'mq topics list takes no argument: orders',
      suggestions: ['mq topics list --help'],
      exit: 2,
    })
  })

  test('like nothing there is gets the way to the list', () => {
    expect(unknownCommand(['frobnicate'], known).suggestions).toEqual(['mq --help lists the commands there are'])
  })
})

describe('a command of mqadmin', () => {
  test('is answered with ours, whatever its case', () => {
    expect(unknownCommand(['updatetopic', 'x'], known)).toEqual({
      message: "updatetopic is a command of mqadmin; here it is 'mq topics create'",
      suggestions: ['mq topics create --help'],
      exit: 127,
    })
  })

  test('that we do not have yet says so', () => {
    expect(unknownCommand(['consumerProgress'], known).message).toBe(
      "consumerProgress is a command of mqadmin; here it is 'mq offsets show', which this version does not have yet",
    )
  })
})

describe('a flag before the command that no command has', () => {
  test('is answered with the nearest, and its value is not repeated', () => {
    expect(unknownFirstFlag('--jsn=s3cret', ['--json'])).toEqual({
      message: 'there is no flag --jsn',
      suggestions: ['did you mean --json?'],
      exit: 2,
    })
  })

  test('like none there is, is sent behind the command', () => {
    expect(unknownFirstFlag('-x', ['--json']).suggestions).toEqual(['put the flags of a command behind it'])
  })
})
