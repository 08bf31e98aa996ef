import { describe, expect, test } from 'vitest'
import { Talk } from '../../src/cli/talk.ts'

function talk(terminal: boolean): { talk: Talk; written: () => string } {
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  return { talk: new Talk({ write, terminal }), written: () => text }
}

describe('on a terminal', () => {
  test('a status line is written over by the next and removed at the end', () => {
    const { talk: it, written } = talk(true)

    it.status('sent 1')
    it.status('sent 2')
    it.status('')

    expect(written()).toBe('\r\u001b[Ksent 1\r\u001b[Ksent 2\r\u001b[K')
  })

  test('a line goes above the status line', () => {
    const { talk: it, written } = talk(true)

    it.status('sent 1')
    it.say('careful')

    expect(written()).toBe('\r\u001b[Ksent 1\r\u001b[Kcareful\nsent 1')
  })

  test('the same status is not drawn again', () => {
    const { talk: it, written } = talk(true)

    it.status('sent 1')
    it.status('sent 1')

    expect(written()).toBe('\r\u001b[Ksent 1')
  })
})

test('where stderr is no terminal, no status is written', () => {
  const { talk: it, written } = talk(false)

  it.status('sent 1')
  it.say('done')

  expect(written()).toBe('done\n')
})

test('what a peer says cannot move the cursor', () => {
  const { talk: it, written } = talk(false)

  it.say('refused: \u001b[2Jgone\u009b1A')

  expect(written()).toBe('refused: ·[2Jgone·1A\n')
})
