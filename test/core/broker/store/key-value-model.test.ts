import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Entry,
  type KeyValueStore,
  tableNames,
  type Write,
} from '../../../../src/core/broker/store/key-value-store.ts'
import { LmdbStore } from '../../../../src/core/broker/store/lmdb-store.ts'
import { MemoryStore } from '../../../../src/core/broker/store/memory-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'

// Few and short keys, so that they meet; with the bytes that are easily ordered wrongly.
const key = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes.map((byte) => byte & 0xc1)))
const table = fc.constantFrom(...tableNames.slice(0, 2))
const write: fc.Arbitrary<Write> = fc.record({
  table,
  key,
  value: fc.option(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    { nil: undefined, freq: 3 },
  ),
})
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), writes: fc.array(write, { maxLength: 12 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('range' as const),
      table,
      start: key,
      end: key,
      limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      reverse: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function expectSame(
  now: Exclude<Step, { kind: 'reopen' }>,
  disk: KeyValueStore,
  memory: KeyValueStore,
): Promise<void> {
  if (now.kind === 'range') {
    const { limit, ...bounds } = now
    const range = { ...bounds, ...(limit === undefined ? {} : { limit }) }
    expect(plain(disk.range(now.table, range))).toEqual(plain(memory.range(now.table, range)))
    return
  }
  await Promise.all([memory.commit(now.writes), disk.commit(now.writes)])
  for (const { table: name, key: at } of now.writes) expect(disk.get(name, at)).toEqual(memory.get(name, at))
}

const plain = (entries: readonly Entry[]) =>
  entries.map(({ key: name, value }) => [name.toString('hex'), value.toString('hex')])

describe('the store on disk and the one in memory', () => {
  it('answer alike after any series of commits and restarts', async () => {
    const root = temporaryDirectory()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const directory = path.join(root, String(run++))
        const memory = new MemoryStore()
        let disk = await LmdbStore.open(directory)
        try {
          for (const now of steps) {
            if (now.kind === 'reopen') {
              await disk.close()
              disk = await LmdbStore.open(directory)
            } else await expectSame(now, disk, memory)
          }
        } finally {
          await disk.close()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('give out buffers that later commits do not change', async () => {
    const disk = await LmdbStore.open(temporaryDirectory())
    const name = Buffer.from('k')
    await disk.commit([{ table: 'log', key: name, value: Buffer.alloc(2000, 1) }])
    const got = disk.get('log', name)
    const [entry] = disk.range('log', { start: name, end: Buffer.from('l') })

    for (let i = 2; i < 50; i++) await disk.commit([{ table: 'log', key: name, value: Buffer.alloc(2000, i) }])

    expect(got?.equals(Buffer.alloc(2000, 1))).toBe(true)
    expect(entry?.value.equals(Buffer.alloc(2000, 1))).toBe(true)
    await disk.close()
  })

  it('tell how full their place is', async () => {
    const directory = temporaryDirectory()
    const disk = await LmdbStore.open(directory)

    expect(disk.usage().place).toBe(directory)
    for (const { usedRatio } of [disk.usage(), new MemoryStore().usage()]) {
      expect(usedRatio).toBeGreaterThan(0)
      expect(usedRatio).toBeLessThanOrEqual(1)
    }
    await disk.close()
  })
})
