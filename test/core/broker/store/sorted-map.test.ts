import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedMap } from '../../../../src/core/broker/store/sorted-map.ts'

const key = fc.integer({ min: 0, max: 2000 }).map((number) => String(number).padStart(4, '0'))
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key, value: fc.constant(0) }) },
)

describe('SortedMap', () => {
  it('holds what a plain map holds, in order, from any key up or down', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3000, size: 'max' }), key, (changes, from) => {
        const sorted = new SortedMap<number>()
        const plain = new Map<string, number>()
        for (const { kind, key: name, value } of changes) {
          if (kind === 'set') {
            sorted.set(name, value)
            plain.set(name, value)
          } else {
            sorted.delete(name)
            plain.delete(name)
          }
        }
        const entries = [...plain].sort(([a], [b]) => (a < b ? -1 : 1))
        expect([...sorted.ascend('')]).toEqual(entries)
        expect([...sorted.ascend(from)]).toEqual(entries.filter(([name]) => name >= from))
        expect([...sorted.descend(from)]).toEqual(entries.filter(([name]) => name <= from).reverse())
        expect(sorted.get(from)).toBe(plain.get(from))
      }),
      { numRuns: 40 },
    )
  })

  it('stays whole when thousands of ascending keys come and go', () => {
    const map = new SortedMap<number>()
    for (let i = 0; i < 5000; i++) map.set(String(i).padStart(5, '0'), i)
    for (let i = 0; i < 4999; i++) map.delete(String(i).padStart(5, '0'))

    expect([...map.ascend('')]).toEqual([['04999', 4999]])
    expect([...map.descend('99999')]).toEqual([['04999', 4999]])
    expect(map.get('00001')).toBeUndefined()
  })
})
