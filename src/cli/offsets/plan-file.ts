import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { driftOf, type PlannedQueue } from '../../core/admin/index.ts'
import { RefusedError, UsageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { jsonDocument } from '../output/json.ts'
import type { Position, Positions } from '../position/position.ts'
import { mechanismText } from './plan-presenter.ts'
import type { PreparedReset } from './prepare-reset.ts'
import { queueJson } from './reset-json.ts'
import { listAt, numberAt, objectAt, readJsonFile, textAt } from './snapshot.ts'
import type { WantedReset } from './wanted-reset.ts'

/** A plan from a file: what is wanted, and what was committed when it was made. */
export interface FiledPlan {
  readonly wanted: WantedReset
  readonly committed: readonly Pick<PlannedQueue, 'queue' | 'committed'>[]
}

/** Writes a plan for review; it is carried out with `--plan`. */
export function writePlan(
  file: string,
  prepared: PreparedReset,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): void {
  const { wanted, rows } = prepared
  const document = {
    schemaVersion: 1,
    kind: 'offsets-plan',
    madeAt: new Date(context.clock.now()).toISOString(),
    group: wanted.group,
    topic: wanted.topic,
    mechanism: mechanismText(prepared),
    // Members can only be told a time: the broker then finds the offsets.
    to: 'all' in wanted.positions ? wanted.positions.all : null,
    queues: rows.map((row) => queueJson(row, connection)),
  }
  writeFileSync(file, `${jsonDocument(document)}\n`)
  const name = path.relative('', file) || file
  context.say(`nothing was changed; to carry it out: mq offsets reset --plan ${name}`)
}

/** Reads a plan. Throws UsageError for a file that is none. */
export function readPlan(file: string): FiledPlan {
  const plan = objectAt(readJsonFile(file), file)
  if (plan['kind'] !== 'offsets-plan' || plan['schemaVersion'] !== 1) {
    throw new UsageError(`${file} is not a plan this mq can read`, { suggestions: ['--plan-out writes one'] })
  }
  const topic = textAt(plan['topic'], `${file}: topic`)
  const queues = listAt(plan['queues'], `${file}: queues`).map((queue, index) => {
    const at = `${file}: queues[${index}]`
    const members = objectAt(queue, at)
    const brokerName = textAt(members['broker'], `${at}.broker`)
    const queueId = numberAt(members['queue'], `${at}.queue`)
    const { committed } = members
    return {
      name: `${brokerName}:${queueId}`,
      queue: { topic, brokerName, queueId },
      target: numberAt(members['target'], `${at}.target`),
      committed: committed === null ? undefined : numberAt(committed, `${at}.committed`),
    }
  })
  const group = textAt(plan['group'], `${file}: group`)
  const names = queues.map(({ name }) => name)
  const { mechanism } = plan
  const pushed = typeof mechanism === 'string' && mechanism.includes('client-push')
  const told = pushed ? uniformPosition(plan['to'], file) : undefined
  const perQueue = new Map(
    queues.map(({ name, target }) => [name, { kind: 'offset', offset: target } satisfies Position]),
  )
  const positions: Positions = told === undefined ? { perQueue } : { all: told }
  return { wanted: { group, topic, positions, queues: told === undefined ? undefined : names }, committed: queues }
}

function uniformPosition(value: unknown, file: string): Position | undefined {
  const { kind, timestamp } = objectAt(value, `${file}: to`)
  if (kind === 'first' || kind === 'last') return { kind }
  if (kind === 'time') return { kind, timestamp: numberAt(timestamp, `${file}: to.timestamp`) }
  throw new UsageError(`${file}: to is no position that members can be told`)
}

/** Rejects a plan whose group has moved on since. Throws RefusedError. */
export function refuseDrift(filed: FiledPlan, now: readonly PlannedQueue[], allowed: number): void {
  const drift = driftOf(filed.committed, now)
  if (drift <= allowed) return
  const far = Number.isFinite(drift) ? `${drift} messages` : 'to or from nothing'
  throw new RefusedError(`nothing was changed: since the plan was made a queue has moved by ${far}`, {
    suggestions: [`make a new plan, or allow it: --drift ${Number.isFinite(drift) ? drift : '…'}`],
  })
}
