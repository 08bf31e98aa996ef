import { describe, expect, test } from 'vitest'
import { unknownCommand } from '../../src/cli/command-not-found.ts'

const known = { commands: ['broker start', 'consume topic', 'produce', 'topics create', 'topics list'] }

describe('an unknown command', () => {
  test.each([
    ['topic list', 'did you mean mq topics list?'],
    ['topics lst', 'did you mean mq topics list?'],
    ['prodce', 'did you mean mq produce?'],
  ])('%s is answered with the nearest', (words, suggestion) => {
    expect(unknownCommand(words, known)).toEqual({
      message: `there is no command 'mq ${words}'`,
      suggestions: [suggestion],
    })
  })

  test('like nothing there is gets the way to the list', () => {
    expect(unknownCommand('frobnicate', known).suggestions).toEqual(['mq --help lists the commands there are'])
  })
})

describe('a command of mqadmin', () => {
  test('is answered with ours, whatever its case', () => {
    expect(unknownCommand('updatetopic -n x', known)).toEqual({
      message: "updatetopic is a command of mqadmin; here it is 'mq topics create'",
      suggestions: ['mq topics create --help'],
    })
  })

  test('that we do not have yet says so', () => {
    expect(unknownCommand('consumerProgress', known).message).toBe(
      "consumerProgress is a command of mqadmin; here it is 'mq offsets show', which this version does not have yet",
    )
  })
})
