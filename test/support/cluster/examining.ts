import { expect, vi } from 'vitest'
import { mq } from '../mq.ts'
import type { ClusterAddress } from './cluster.ts'

/** A finding as `mq doctor --json` tells it. */
export interface Found {
  readonly id: string
  readonly subject: string
  readonly evidence: string
  readonly head?: { readonly queue: number; readonly offset: number; readonly reconsumeTimes: number }
  readonly stack?: string
}

/** What `mq doctor` says of a group. */
export interface Examined {
  readonly code: 0 | 8
  readonly findings: readonly Found[]
}

type Place = Pick<ClusterAddress, 'namesrv'>

/** Has a group examined. Rejects when something was not told. */
export async function examine(cluster: Place, group: string, ...args: readonly string[]): Promise<Examined> {
  const { code, stdout, stderr } = await mq(['doctor', '-g', group, '-n', cluster.namesrv, '--json', ...args])
  if (code !== 0 && code !== 8) throw new Error(`doctor ended with ${code}: ${stderr}`)
  const { findings = [] } = JSON.parse(stdout) as Partial<Examined>
  return { code, findings }
}

/** Resolves with the findings as soon as they have this one: a member tells its figures a moment later. */
export function untilFound(id: string, look: () => Promise<Examined>, interval = 500): Promise<readonly Found[]> {
  return vi.waitFor(
    async () => {
      const { findings } = await look()
      expect(idsOf(findings)).toContain(id)
      return findings
    },
    { timeout: 200_000, interval },
  )
}

/** Resolves when there is nothing wrong with a group. */
export function untilHealthy(look: () => Promise<Examined>): Promise<void> {
  return vi.waitFor(async () => expect(await look()).toEqual({ code: 0, findings: [] }), {
    timeout: 180_000,
    interval: 500,
  })
}

export function idsOf(findings: readonly Found[]): string[] {
  return findings.map(({ id }) => id)
}
