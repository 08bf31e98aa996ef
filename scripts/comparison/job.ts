import type { GroupScene, SceneName } from '../../test/support/cluster/consumer-scene.ts'
import type { MqResult } from '../../test/support/mq.ts'

/** What the jobs are about. */
export interface Subject {
  readonly scenes: Readonly<Record<SceneName, GroupScene>>
  /** 5,000 messages in 4 queues, bodies 0 to 4999, the first 100 with the key `many`, number 2500 with the key `needle`. */
  readonly topic: string
  /** That one's id, and where it lies. */
  readonly needle: { readonly msgId: string; readonly place: string }
}

/** A job, as a user would type it. */
export interface Job {
  readonly name: string
  readonly args: readonly string[]
  /** The exit code that `mq` promises. */
  readonly exit: number
  /** Whether the answer is right, against what the scene is known to be. */
  readonly right: (result: MqResult) => boolean
}

/** Jobs of one kind, as the table to beat has them. */
export interface Chapter {
  readonly title: string
  readonly jobs: readonly Job[]
}

/** The lines of stdout. */
export const lines = ({ stdout }: MqResult): string[] => stdout.split('\n').filter(Boolean)

/** What JSON on stdout has at `totals.lag` or `queues.0.owner`; `undefined` where there is no such place. */
export function valueAt({ stdout }: MqResult, place: string): unknown {
  let value: unknown = JSON.parse(stdout)
  for (const name of place.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

/** One value of each item of a list in JSON on stdout. */
export function each(result: MqResult, list: string, name: string): unknown[] {
  const items = valueAt(result, list)
  if (!Array.isArray(items)) return []
  return items.map((item) => (item as Readonly<Record<string, unknown>>)[name])
}
