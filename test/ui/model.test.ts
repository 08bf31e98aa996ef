import { describe, expect, test } from 'vitest'
import { History, trendOf } from '../../src/ui/model/history.ts'
import { readKeys } from '../../src/ui/model/keys.ts'
import { press } from '../../src/ui/model/press.ts'
import { receive, resize } from '../../src/ui/model/reduce.ts'
import { matches, rowsOf } from '../../src/ui/model/rows.ts'
import { type DashboardState, hereIn, initialState } from '../../src/ui/model/state.ts'
import { cut, cutMiddle, fit, widthOf } from '../../src/ui/text/cells.ts'
import { count, span } from '../../src/ui/text/figures.ts'
import { bar, glyphsOf, sparkline } from '../../src/ui/text/glyphs.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'

const size = { columns: 80, rows: 24 }
const after = (state: DashboardState, keys: string): DashboardState =>
  readKeys(keys).reduce((now, key) => press(now, key, '').state, state)
const keysOf = (state: DashboardState): string[] => rowsOf(state).map(({ key }) => key)

const shown = receive(initialState(size), snapshotOf([groupOf([lagging(0, 5), lagging(1, 50), queueOf(2)])]))

describe('keys', () => {
  test('are read from what terminals send: alone, in sequences, several at once', () => {
    expect(readKeys('\u001b[A\u001bOBq\r\u007f').map(({ name }) => name)).toEqual([
      'up',
      'down',
      'text',
      'enter',
      'backspace',
    ])
    expect(readKeys('\u001b')).toEqual([{ name: 'esc' }])
    expect(readKeys('\u001b[24;5~')).toEqual([])
    expect(readKeys('é')).toEqual([{ name: 'text', text: 'é' }])
  })
})

describe('rows', () => {
  test('are sorted by figures the largest first, and by names the first first', () => {
    expect(keysOf(after(shown, 'L'))).toEqual(['orders broker-a:1', 'orders broker-a:0', 'orders broker-a:2'])
    expect(keysOf(after(shown, 'LL'))[0]).toBe('orders broker-a:2')
    expect(keysOf(after(shown, 'N'))[0]).toBe('orders broker-a:0')
  })

  test('without a figure come last, whichever way it is sorted', () => {
    const state = receive(initialState(size), snapshotOf([groupOf([queueOf(0, { lag: null }), lagging(1, 5)])]))

    expect(keysOf(after(state, 'L')).at(-1)).toBe('orders broker-a:0')
    expect(keysOf(after(state, 'LL')).at(-1)).toBe('orders broker-a:0')
  })

  test('of an unused retry topic are not shown', () => {
    const retry = queueOf(0, { topic: '%RETRY%billing', max: 0, committed: null, lag: null })
    expect(keysOf(receive(initialState(size), snapshotOf([groupOf([retry, queueOf(1)])])))).toEqual([
      'orders broker-a:1',
    ])
  })

  test('match a filter by any of their words, or by none with !', () => {
    expect(matches('orders broker-a:1 BLOCK', 'block')).toBe(true)
    expect(matches('orders broker-a:1 BLOCK', '!block')).toBe(false)
    expect(matches('anything', '!')).toBe(true)
  })
})

describe('the cursor', () => {
  test('stays on its row when others are sorted before it or go away', () => {
    const state = after(shown, 'j')
    const next = receive(state, snapshotOf([groupOf([lagging(1, 50), queueOf(2)])], 2000))

    expect(hereIn(state).key).toBe('orders broker-a:1')
    expect(hereIn(next)).toMatchObject({ key: 'orders broker-a:1', index: 0 })
  })

  test('goes to a neighbour when its row is gone', () => {
    const state = after(shown, 'G')
    expect(hereIn(receive(state, snapshotOf([groupOf([lagging(0, 5)])], 2000)))).toMatchObject({ index: 0 })
  })

  test('is in what is seen at any size', () => {
    const many = snapshotOf([groupOf(Array.from({ length: 100 }, (_, queue) => queueOf(queue)))])
    const state = after(receive(initialState(size), many), 'G')
    const { index, top } = hereIn(resize(state, { columns: 80, rows: 12 }))

    expect([index, top]).toEqual([99, 93])
  })

  test('comes back to where it was when a queue is left', () => {
    expect(hereIn(after(shown, 'j\r\u001b')).key).toBe('orders broker-a:1')
  })
})

describe('history', () => {
  test('tells whether the lag grows, by what was ten seconds ago', () => {
    const history = new History()
    for (let second = 0; second <= 30; second++)
      history.note(snapshotOf([groupOf([lagging(0, 100 + second * 10)])], second * 1000))

    expect(trendOf(history.ofGroup('billing'))).toBe('up')
    expect(trendOf(history.ofQueue('billing', 'orders broker-a:0'))).toBe('up')
    for (let second = 31; second <= 60; second++) history.note(snapshotOf([groupOf([lagging(0, 400)])], second * 1000))
    expect(trendOf(history.ofGroup('billing'))).toBe('flat')
  })

  test('is bounded, and forgets who is gone', () => {
    const history = new History()
    for (let second = 0; second < 1000; second++) history.note(snapshotOf([groupOf([queueOf(0)])], second * 1000))

    expect(history.ofGroup('billing')).toHaveLength(120)
    history.note(snapshotOf([], 2_000_000))
    expect(history.ofGroup('billing')).toEqual([])
  })
})

describe('text', () => {
  test('is measured and cut by the columns it takes', () => {
    expect([widthOf('abc'), widthOf('消费'), widthOf('e\u0301'), widthOf('😀')]).toEqual([3, 4, 1, 2])
    expect([cut('消费者', 5), fit('消费者', 5), fit('ab', 4, 'right')]).toEqual(['消费', '消费 ', '  ab'])
    expect([cutMiddle('10.0.0.7@4711#12345', 10), cutMiddle('short', 10)]).toEqual(['10.0..2345', 'short'])
  })

  test('of figures is short', () => {
    expect([0, 999, 12_340, 1_234_567, 2_500_000_000, null].map(count)).toEqual([
      '0',
      '999',
      '12,340',
      '1.2M',
      '2.5G',
      '-',
    ])
    expect([400, 42_000, 200_000, 3_900_000, 273_600_000, null].map(span)).toEqual([
      '0.4s',
      '42s',
      '3m20',
      '1h05',
      '3d4h',
      '-',
    ])
  })

  test('of bars and sparklines is as wide as told', () => {
    const glyphs = glyphsOf({ ascii: true })
    expect([bar(0, 4, glyphs), bar(0.01, 4, glyphs), bar(0.5, 4, glyphs), bar(3, 4, glyphs)]).toEqual([
      '....',
      '#...',
      '##..',
      '####',
    ])
    expect(sparkline([0, 5, 10], 5, glyphs)).toBe('  _+#')
    expect(sparkline([1, 2, 3, 4], 2, glyphs)).toHaveLength(2)
  })
})
