import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { compareText } from '../../src/core/protocol/index.ts'
import { JavaMembers } from '../support/cluster/java-members.ts'
import {
  type PlannedShares,
  planned,
  queueOf,
  type Shares,
  type ShownShares,
} from '../support/cluster/planned-shares.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'
import { mq, temporaryFolder } from '../support/mq.ts'

const QUEUES = 8
const PATIENCE = { timeout: 120_000, interval: 500 }
const clientId = (name: string): string => `127.0.0.1@${name}`

vi.setConfig({ testTimeout: 300_000 })

/** How many queues each member holds, in the order of their ids. */
function counts(clientIds: readonly string[], shares: Shares): number[] {
  return [...clientIds].sort(compareText).map((id) => [...shares.values()].filter((to) => to.includes(id)).length)
}

describeCluster('mq rebalance plan, of Java members', (cluster) => {
  const folder = temporaryFolder()
  afterAll(() => {
    folder.remove()
  })

  /** A group with two members that share by a strategy, with queues of their topic and of its retries. */
  async function pair(strategy: string) {
    const [group, topic] = [unique('planned'), unique('planned')]
    await createTopic(cluster, topic, QUEUES)
    const members = await JavaMembers.start(cluster, { group, topic })
    onTestFinished(() => members.close())
    await members.join('d', strategy)
    await members.join('m', strategy)
    const run = (...words: string[]) => mq(['rebalance', ...words, '-g', group, '-n', cluster.namesrv, '--json'])
    const shown = async (): Promise<ShownShares> => JSON.parse((await run('show')).stdout) as ShownShares
    const shares = async (): Promise<Shares> => new Map((await shown()).queues.map((one) => [queueOf(one), one.owners]))
    /** Waits for what members hold by their own account, then looks whether mq shows that. */
    const settled = async (wanted: Shares): Promise<void> => {
      await members.until((held) =>
        expect(held).toEqual(new Map([...wanted].filter(([, owners]) => owners.length > 0))),
      )
      await vi.waitFor(async () => expect(await shares()).toEqual(wanted), PATIENCE)
    }
    const plan = async (...words: string[]): Promise<PlannedShares> => {
      const { stdout, stderr, code } = await run('plan', ...words)
      if (code !== 0) throw new Error(`rebalance plan ended with ${code}: ${stderr}`)
      return JSON.parse(stdout) as PlannedShares
    }
    return { group, topic, members, run, shown, shares, settled, plan }
  }

  /** Resolves when every queue, those of retries too, has one owner, and mq finds nothing wrong with that. */
  async function whole({ run, shares, topic, group }: Awaited<ReturnType<typeof pair>>): Promise<Shares> {
    return vi.waitFor(async () => {
      const { code, stdout } = await run('check')
      expect([group, code, stdout]).toEqual([group, 0, expect.stringContaining('"findings": []')])
      // Looked at after it was found right: before that a queue may still be with the one that was there first.
      const now = await shares()
      expect(now.size).toBe(QUEUES + 1)
      expect([...now.keys()].filter((name) => name.startsWith(`${topic} `))).toHaveLength(QUEUES)
      expect([...now.values()].filter((owners) => owners.length !== 1)).toEqual([])
      return now
    }, PATIENCE)
  }

  test.each([
    { strategy: 'average', peer: 'average', other: 'circle', peerOther: 'circle', resized: 13 },
    { strategy: 'circle', peer: 'circle', other: 'consistent-hash', peerOther: 'hash', resized: 5 },
    { strategy: 'consistent-hash', peer: 'hash', other: 'average', peerOther: 'average', resized: 16 },
  ])(
    'sharing by $strategy, tells which queues they then hold when some join and leave, or with other queues or by $other',
    async ({ strategy, peer, other, peerOther, resized }) => {
      const scene = await pair(peer)
      const { topic, members, shown, settled, plan } = scene
      const two = await whole(scene)
      expect((await shown()).clients).toMatchObject([
        { clientId: clientId('d'), language: 'JAVA', strategy },
        { clientId: clientId('m'), language: 'JAVA', strategy },
      ])

      // One whose id sorts between those that are there, by its name and as nobody in particular.
      const added = await plan('--add', clientId('h'))
      const anyThree = await plan('--clients', '3')
      const three = planned(two, added)
      await members.join('h', peer)
      await settled(three)
      expect(added.strategy).toBe(strategy)
      expect(added.clients.map(({ queues }) => queues)).toEqual(counts(['d', 'h', 'm'].map(clientId), three))
      if (strategy !== 'consistent-hash') {
        expect(anyThree.clients.map(({ queues }) => queues)).toEqual(added.clients.map(({ queues }) => queues))
      }

      const left = planned(three, await plan('--remove', clientId('d')))
      await members.leave('d')
      await settled(left)

      // Two more, whose ids sort last as those of the plan do.
      const more = await plan('--clients', '4')
      const named = await plan('--add', clientId('x'), '--add', clientId('y'))
      const four = planned(left, named)
      if (strategy !== 'consistent-hash') {
        const real = new Map([
          ['new-001', clientId('x')],
          ['new-002', clientId('y')],
        ])
        expect(planned(left, more, (id) => real.get(id) ?? id)).toEqual(four)
        expect(more.totals).toEqual(named.totals)
      }
      await members.join('x', peer)
      await members.join('y', peer)
      await settled(four)

      const wider = planned(four, await plan(topic, '--queues', String(resized)))
      await createTopic(cluster, topic, resized)
      await settled(wider)

      const otherwise = planned(wider, await plan('--strategy', other))
      for (const name of ['h', 'm', 'x', 'y']) await members.leave(name)
      for (const name of ['h', 'm', 'x', 'y']) await members.join(name, peerOther)
      await settled(otherwise)
    },
  )

  test('with queues set for each member, is refused, and tells by a file which queues would be left', async () => {
    const scene = await pair('average')
    const { topic, members, run, settled, plan } = scene
    const two = await whole(scene)
    const file = path.join(folder.path, `by-config-${cluster.version}.mjs`)
    const set = { [clientId('d')]: [0, 2, 4, 6], [clientId('m')]: [1, 3, 5, 7] }
    writeFileSync(
      file,
      `const set = ${JSON.stringify(set)}
export default ({ clientId, queues }) => queues.filter(({ topic, queueId }) =>
  topic === '${topic}' && set[clientId].includes(queueId))`,
    )
    const configured = planned(two, await plan('--strategy', file))
    await members.leave('d')
    await members.leave('m')
    await members.join('d', 'config:0,2,4,6')
    await members.join('m', 'config:1,3,5,7')
    await settled(configured)

    const refused = await run('plan', '--clients', '1')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('share by config')])
    const less = await plan('--strategy', file, '--remove', clientId('m'))
    expect(less.totals).toMatchObject({ moved: 0, unowned: 5 })
    await members.leave('m')
    await settled(planned(configured, less))
  })
})
