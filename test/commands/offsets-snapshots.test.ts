import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/cli/offsets/snapshot.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

let bench: OffsetsBench
let topic: string
let groups = 0
let group: string
beforeAll(async () => {
  bench = await OffsetsBench.start()
  topic = await bench.consume.topicWith(40)
})
afterAll(() => bench.close())
beforeEach(async () => {
  group = `g${++groups}`
  await bench.commit(group, topic, [1, 2, 3, 10])
})

async function exported(...args: string[]): Promise<Snapshot> {
  const { stdout, code } = await bench.run('export', ...args)
  expect(code).toBe(0)
  return JSON.parse(stdout) as Snapshot
}

function fileWith(snapshot: unknown): string {
  const file = bench.consume.file(`snapshot-${groups}.json`)
  writeFileSync(file, JSON.stringify(snapshot))
  return file
}

describe('offsets export', () => {
  test('writes offset and store time of each queue; at the end there is no message to have one', async () => {
    const snapshot = await exported('-g', group)

    expect(snapshot).toMatchObject({ schemaVersion: 1, kind: 'offsets-snapshot' })
    expect(snapshot.nameServers).toEqual([bench.consume.broker.address])
    expect(snapshot.groups).toHaveLength(1)
    expect(snapshot.groups[0]?.group).toBe(group)
    const queues = snapshot.groups[0]?.queues ?? []
    expect(queues.map(({ queue, offset, min, max }) => [queue, offset, min, max])).toEqual([
      [0, 1, 0, 10],
      [1, 2, 0, 10],
      [2, 3, 0, 10],
      [3, 10, 0, 10],
    ])
    expect(queues.map(({ storeTime }) => storeTime !== null)).toEqual([true, true, true, false])
  })

  test('writes all groups that have committed something, and none of the broker’s own', async () => {
    const { groups: all } = await exported('--no-times')
    const names = all.map((one) => one.group)

    expect(names).toContain(group)
    expect(names.filter((name) => name.includes('TOOLS') || name.includes('CID_'))).toEqual([])
  })

  test('of a group that is not there is no empty file', async () => {
    expect((await bench.run('export', '-g', 'nobody')).code).toBe(7)
  })
})

describe('offsets import', () => {
  test('puts a group back, into a file and out of it', async () => {
    const file = bench.consume.file('billing.json')
    await bench.run('export', '-g', group, '--out', file)
    await bench.commit(group, topic, [9, 9, 9, 9])
    const refused = await bench.run('import', file)
    const { code } = await bench.run('import', file, '--yes')

    expect([refused.code, code]).toEqual([3, 0])
    expect(await bench.committed(group, topic)).toEqual([1, 2, 3, 10])
  })

  test('moves another group, which it makes if need be', async () => {
    const file = fileWith(await exported('-g', group))
    const { code, stderr } = await bench.run('import', file, '-g', `${group}-copy`, '--yes')

    expect(stderr).toContain(`create group ${group}-copy on broker-a`)
    expect(code).toBe(0)
    expect(await bench.committed(`${group}-copy`, topic)).toEqual([1, 2, 3, 10])
  })

  test('by time finds the same messages where offsets are others', async () => {
    const snapshot = await exported('-g', group)
    const shifted = {
      ...snapshot,
      groups: snapshot.groups.map((one) => ({
        ...one,
        queues: one.queues.map((queue) => ({ ...queue, broker: 'elsewhere', offset: (queue.offset ?? 0) + 1000 })),
      })),
    }
    const file = fileWith(shifted)
    await bench.commit(group, topic, [9, 9, 9, 9])
    const lost = await bench.run('import', file, '--by', 'time', '--yes')
    const { code } = await bench.run('import', file, '--by', 'time', '--map-broker', 'elsewhere=broker-a', '--yes')

    expect([lost.code, code]).toEqual([7, 0])
    const committed = await bench.committed(group, topic)
    // Messages of one batch share a millisecond: its first one counts.
    expect(committed.slice(0, 3).every((offset) => offset !== null && offset <= 3)).toBe(true)
    expect(committed[3]).toBe(10)
  })

  test('brings offsets that are gone to what is left, and says so', async () => {
    const snapshot = await exported('-g', group)
    const [only] = snapshot.groups
    const queues = (only?.queues ?? []).map((queue) => ({ ...queue, offset: 5000 }))
    const { stderr, code } = await bench.run('import', fileWith({ ...snapshot, groups: [{ group, queues }] }), '--yes')

    expect(stderr).toContain('broker-a:0: 5000 lies after its end 10; taking 10')
    expect(code).toBe(0)
  })

  test.each([
    ['nothing at all', '', 'is not JSON'],
    ['something else', '{"kind":"offsets-plan"}', 'is not a snapshot of offsets'],
    ['a later version', '{"kind":"offsets-snapshot","schemaVersion":2}', 'is a snapshot of version 2'],
    [
      'an offset that is none',
      '{"kind":"offsets-snapshot","schemaVersion":1,"takenAt":"2026-01-01T00:00:00Z","groups":[{"group":"g","queues":[{"topic":"t","broker":"b","queue":0,"offset":-1}]}]}',
      'groups[0].queues[0].offset is no whole number',
    ],
  ])('refuses a file with %s', async (_, text, words) => {
    const file = bench.consume.file('wrong.json')
    writeFileSync(file, text)
    const { code, stderr } = await bench.run('import', file, '--yes')

    expect(stderr).toContain(words)
    expect(code).toBe(2)
  })
})

describe('offsets diff', () => {
  test('tells what has moved since a file was written', async () => {
    const file = fileWith(await exported('-g', group))
    const same = await bench.run('diff', `file:${file}`, 'live', '--exit-code')
    await bench.commit(group, topic, [1, 7])
    const { stdout, code } = await bench.run('diff', `file:${file}`, 'live', '--exit-code', '--json')

    expect(same.code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      queues: [{ topic, broker: 'broker-a', queue: 1, a: 2, b: 7, difference: 5 }],
      different: 1,
      equal: 3,
    })
    expect(code).toBe(8)
  })

  test('compares two groups, also queues only one of them has', async () => {
    await bench.commit(`${group}-b`, topic, [1, 2])
    const { stdout, code } = await bench.run('diff', `@${group}`, `@${group}-b`, '-o', 'csv')

    expect(stdout).toBe(`topic,queue,a,b,difference\n${topic},broker-a:2,3,,\n${topic},broker-a:3,10,,\n`)
    expect(code).toBe(0)
  })

  test('refuses what is no side', async () => {
    expect((await bench.run('diff', 'before', 'live')).code).toBe(2)
  })
})

describe('offsets clone', () => {
  test('puts a group where another one is, topic by topic, and leaves out what that has not committed', async () => {
    await bench.commit(`${group}-source`, topic, [4, undefined, 6, 7])
    await bench.commit(group, topic, [0, 0, 0, 0])
    const { stderr, code } = await bench.run('clone', '--from', `${group}-source`, '-g', group, topic, '--yes')

    expect(stderr).toContain(`has committed nothing in broker-a:1 of ${topic}: it is left out`)
    expect(code).toBe(0)
    expect(await bench.committed(group, topic)).toEqual([4, 0, 6, 7])
  })

  test('of nothing is no success', async () => {
    expect((await bench.run('clone', '--from', 'nobody', '-g', group, '--yes')).code).toBe(7)
    expect((await bench.run('clone', '--from', group, '-g', group, '--yes')).code).toBe(2)
    expect((await bench.run('clone', '--from', group, '-g', 'new', 'nothing', '--yes')).code).toBe(7)
  })
})

describe('offsets init', () => {
  test('begins only where nothing was committed', async () => {
    await bench.commit(`${group}-new`, topic, [undefined, 3])
    const { stdout, code } = await bench.run('init', '-g', `${group}-new`, topic, '--to', 'first', '--yes')

    expect(stdout.match(/SEED/g)).toHaveLength(3)
    expect(code).toBe(0)
    expect(await bench.committed(`${group}-new`, topic)).toEqual([0, 3, 0, 0])
  })

  test('makes the group, at the end unless told otherwise; another time there is nothing to do', async () => {
    const first = await bench.run('init', '-g', `${group}-newer`, topic, '--yes')
    const second = await bench.run('init', '-g', `${group}-newer`, topic, '--yes')

    expect([first.code, second.code]).toEqual([0, 0])
    expect(second.stderr).toContain('nothing to do')
    expect(await bench.committed(`${group}-newer`, topic)).toEqual([10, 10, 10, 10])
  })
})

describe('offsets undo', () => {
  test('lists what there is, and takes a change back by its name', async () => {
    await bench.run('reset', '-g', group, topic, '--to', 'first', '--yes')
    await bench.run('reset', '-g', group, topic, '--to', 'last', '--yes')
    const { stdout } = await bench.run('undo', '--list', '-o', 'jsonl')
    const list = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; reason: string })
    expect(list.slice(0, 2).map(({ reason }) => reason)).toEqual(
      Array(2).fill(`before offsets reset -g ${group} ${topic}`),
    )

    const { code } = await bench.run('undo', list[1]?.id ?? '', '--yes')

    expect(code).toBe(0)
    expect(await bench.committed(group, topic)).toEqual([1, 2, 3, 10])
  })

  test('of what is not there says so', async () => {
    expect((await bench.run('undo', 'nothing', '--yes')).code).toBe(7)
  })

  test('is kept before anything changes, for its owner only', async () => {
    const { stdout } = await bench.run('reset', '-g', group, topic, '--to', 'first', '--yes', '--json')
    const { undo } = JSON.parse(stdout) as { undo: string }

    expect((JSON.parse(readFileSync(undo, 'utf8')) as Snapshot).groups[0]?.queues.map(({ offset }) => offset)).toEqual([
      1, 2, 3, 10,
    ])
  })
})
