import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../../src/core/telemetry/index.ts'
import { mq, said, temporaryFolder } from '../support/mq.ts'
import { RebalanceBench } from '../support/rebalance-bench.ts'
import { clientOf, groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'

let bench: RebalanceBench
beforeAll(async () => {
  bench = await RebalanceBench.start()
})
afterEach(() => bench.dismiss())
afterAll(() => bench.close())

function folder(): string {
  const made = temporaryFolder()
  onTestFinished(() => made.remove())
  return made.path
}

describe('dashboard without a terminal', () => {
  test('--once -o json is one snapshot', async () => {
    await bench.members('billing', 2)
    const { stdout, code } = await bench.run('dashboard', '-g', 'billing', '--once', '-o', 'json')
    const snapshot = JSON.parse(stdout) as Snapshot

    expect(code).toBe(0)
    expect(snapshot).toMatchObject({ schemaVersion: 1, source: 'relay', partial: false, errors: [] })
    const [group] = snapshot.groups
    expect([group?.group, group?.online, group?.clients.length]).toEqual(['billing', true, 2])
    const queues = group?.queues.filter(({ topic }) => topic === bench.topic) ?? []
    expect(queues.map(({ owners }) => owners.length)).toEqual([1, 1, 1, 1])
  })

  test('--frames writes so many, as lines or as tables; without -g of all groups that are online', async () => {
    await bench.members('billing', 1)
    const lines = await bench.run('dashboard', '--frames', '2', '--interval', '100ms')
    expect(
      lines.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Snapshot).groups[0]?.group),
    ).toEqual(['billing', 'billing'])

    const table = await bench.run('dashboard', '-g', 'billing', '--once', '-o', 'table')
    expect(table.stdout.split('\n')[0]).toMatch(/^TOPIC +QUEUE +CLIENT +CACHED +MIB +SPAN +LIMIT +COMMITTED +LAG/)
    expect(table.stderr).toContain('billing: 1 member, 4 queues, lag ')
  })

  test('tells one sentence for each change, records, and replays the same', async () => {
    const file = path.join(folder(), 'recorded.jsonl')
    const [, second] = await bench.members('billing', 2)
    const args = [
      'dashboard',
      '-g',
      'billing',
      '-n',
      bench.consume.broker.address,
      '--interval',
      '100ms',
      '--record',
      file,
    ]
    const watched = await mq(args, {
      during: async (child) => {
        let told = ''
        const left = new Promise<void>((resolve) => {
          child.stdout.on('data', (text: string) => {
            told += text
            if (told.includes('has left, 1 member now')) resolve()
          })
        })
        await said(child, 'no terminal')
        await new Promise((resolve) => child.stdout.once('data', resolve))
        second?.kill()
        await left
        child.kill('SIGINT')
      },
    })
    const replayed = await mq(['dashboard', '--replay', file])

    expect(watched.code).toBe(130)
    expect(watched.stdout.split('\n')[0]).toMatch(/^\d{4}-\S+Z billing: 2 members, 4 queues, lag /)
    expect(replayed.code).toBe(0)
    expect(replayed.stdout).toBe(watched.stdout)
    expect((await readFile(file, 'utf8')).trimEnd().split('\n').length).toBeGreaterThan(1)
  })

  test('replays a recording that was cut, and refuses what is none', async () => {
    const where = folder()
    const first = snapshotOf([groupOf([queueOf(0)])])
    const second = snapshotOf(
      [groupOf([lagging(0, 90, { state: 'BLOCK' })], { clients: [clientOf('a@1'), clientOf('b@2')] })],
      2000,
    )
    const whole = [first, second].map((snapshot) => JSON.stringify(snapshot)).join('\n')
    const cut = path.join(where, 'cut.jsonl')
    writeFileSync(cut, `${whole}\n{"schemaVersion":1,"as`)
    const other = path.join(where, 'other.jsonl')
    writeFileSync(other, '{"hello":1}\n')

    const { stdout, code } = await mq(['dashboard', '--replay', cut, '--plain'])
    expect(code).toBe(0)
    expect(stdout).toContain('billing: orders broker-a:0 BLOCK: its head has not moved for a minute\n')
    expect(stdout).toContain('billing: b@2 has joined, 2 members now\n')

    const refused = await mq(['dashboard', '--replay', other])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('line 1: this is no snapshot of version 1'),
    ])
    expect((await mq(['dashboard', '--replay', path.join(where, 'missing')])).code).toBe(2)
    expect((await mq(['dashboard', '--replay', cut, '-g', 'billing'])).code).toBe(2)
  })

  test('says that there is no such group, no broker, and nobody online', async () => {
    await bench.members('billing', 1)
    const unknown = await bench.run('dashboard', '-g', 'biling', '--once')
    expect([unknown.code, unknown.stderr]).toEqual([7, expect.stringContaining('no such group: biling')])
    await bench.dismiss()
    const away = await mq(['dashboard', '-g', 'billing', '-n', '127.0.0.1:1', '--once', '--timeout', '2s'])
    expect(away.code).toBe(5)
  })

  test('--dashboard of a consumer wants a terminal, and no messages printed', async () => {
    const consume = (...args: string[]) => bench.run('consume', bench.topic, '-g', 'billing', '--dashboard', ...args)

    expect(await consume()).toMatchObject({ code: 2, stderr: expect.stringContaining('--feed') as string })
    expect(await consume('-o', 'json')).toMatchObject({ code: 2 })
    expect(await bench.run('consume', bench.topic, '--dashboard')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add -g GROUP') as string,
    })
  })
})
