import { replicaOffsets } from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import { compareText } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { readSnapshot, type SnapshotQueue } from './snapshot.ts'
import { nameOf } from './snapshot-positions.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** What to compare. */
export interface DiffRequest {
  /** `file:PATH`, `@GROUP`, `live` or `replica`. */
  readonly sides: readonly [string, string]
  /** Whose offsets `live` and `replica` mean, and which of a file. */
  readonly group: string | undefined
  readonly topic: string | undefined
  /** Queues that are equal too. */
  readonly all: boolean
  /** A difference is a finding (8). */
  readonly exitCode: boolean
  readonly format: ListFormat
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/** A queue as two sides have it. */
interface DiffItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly a: number | null
  readonly b: number | null
  /** b − a, where both are known. */
  readonly difference: number | null
}

const columns: readonly Column<DiffItem>[] = [
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'QUEUE', value: nameOf },
  { head: 'A', value: ({ a }) => a ?? undefined },
  { head: 'B', value: ({ b }) => b ?? undefined },
  { head: 'DIFFERENCE', value: ({ difference }) => difference ?? undefined },
]

/** Compares committed offsets of two sides, queue by queue. Resolves to the exit code. */
export async function diffOffsets(request: DiffRequest, parts: Parts): Promise<number> {
  const [a, b] = request.sides
  const [left, right] = await Promise.all([offsetsOf(a, request, parts), offsetsOf(b, request, parts)])
  const whole = compare(left, right)
  const different = whole.filter((item) => item.a !== item.b)
  const items = request.all ? whole : different
  const more = { a, b, different: different.length, equal: whole.length - different.length }
  await printList({ name: 'queues', items, columns, more }, request.format, parts.context)
  parts.context.say(`${different.length} of ${whole.length} queues differ`)
  return request.exitCode && different.length > 0 ? ExitCode.FINDINGS : ExitCode.DONE
}

type Queues = readonly Pick<SnapshotQueue, 'topic' | 'broker' | 'queue' | 'offset'>[]

async function offsetsOf(side: string, request: DiffRequest, parts: Parts): Promise<Queues> {
  const queues = await readSide(side, request, parts)
  return request.topic === undefined ? queues : queues.filter(({ topic }) => topic === request.topic)
}

async function readSide(side: string, request: DiffRequest, parts: Parts): Promise<Queues> {
  const { connection, context } = parts
  if (side.startsWith('file:')) return fileQueues(side.slice('file:'.length), request.group)
  if (side.startsWith('@') && side.length > 1) return liveQueues(side.slice(1), parts)
  if (side === 'live') return liveQueues(request.group ?? groupOfFile(request), parts)
  if (side === 'replica') {
    const group = connection.wireName(request.group ?? groupOfFile(request))
    const told = await replicaOffsets(connection.client, group, invokeOptions(context))
    return told.map(({ queue, committed }) => ({
      topic: connection.userName(queue.topic),
      broker: queue.brokerName,
      queue: queue.queueId,
      offset: committed,
    }))
  }
  throw new UsageError(`'${side}' is no side of a comparison: write file:PATH, @GROUP, live or replica`, {
    suggestions: ['for example mq offsets diff file:before.json live -g billing', 'or mq offsets diff @blue @green'],
  })
}

async function liveQueues(group: string, parts: Parts): Promise<Queues> {
  const { groups } = await takeSnapshot({ groups: [group], topic: undefined, times: false }, parts)
  return groups.flatMap(({ queues }) => queues)
}

function fileQueues(file: string, group: string | undefined): Queues {
  const { groups } = readSnapshot(file)
  if (group === undefined && groups.length > 1) {
    throw new UsageError(`${file} has several groups: ${groups.map((one) => one.group).join(', ')}`, {
      suggestions: ['choose with -g'],
    })
  }
  const chosen = groups.filter((one) => group === undefined || one.group === group)
  if (chosen.length === 0) throw new UsageError(`${file} has no group ${group ?? ''}`)
  return chosen.flatMap(({ queues }) => queues)
}

/** `live` beside a file of one group means that group. */
function groupOfFile({ sides }: DiffRequest): string {
  const file = sides.find((side) => side.startsWith('file:'))
  const [only, ...others] = file === undefined ? [] : readSnapshot(file.slice('file:'.length)).groups
  if (only === undefined || others.length > 0) throw new UsageError('live and replica need a group: -g GROUP')
  return only.group
}

function compare(left: Queues, right: Queues): DiffItem[] {
  const key = (one: Queues[number]): string => `${one.topic}\u0000${nameOf(one)}`
  const [as, bs] = [left, right].map((side) => new Map(side.map((one) => [key(one), one])))
  const keys = new Set([...left, ...right].map(key))
  const items = [...keys].flatMap((name) => {
    const [a, b] = [as?.get(name), bs?.get(name)]
    const one = a ?? b
    if (one === undefined) return []
    const [before, after] = [a?.offset ?? null, b?.offset ?? null]
    const difference = before === null || after === null ? null : after - before
    const { topic, broker, queue } = one
    return [{ topic, broker, queue, a: before, b: after, difference }]
  })
  return items.sort((x, y) => compareText(x.topic, y.topic) || compareText(x.broker, y.broker) || x.queue - y.queue)
}
