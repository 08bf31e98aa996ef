import { isRetryTopic } from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import type { Position } from '../position/position.ts'
import { carryOut } from './carry-out.ts'
import type { PreparedReset } from './prepare-reset.ts'
import { prepare } from './reset-offsets.ts'
import type { Snapshot, SnapshotGroup, SnapshotQueue } from './snapshot.ts'
import { nameOf, timeOf } from './snapshot-positions.ts'
import type { WantedReset } from './wanted-reset.ts'

/** How a snapshot is put in place. */
export interface ImportRequest {
  readonly snapshot: Snapshot
  /** Only this group of it; of a snapshot of one group the name it is to have. */
  readonly group: string | undefined
  readonly topic: string | undefined
  /** By time for another cluster, whose offsets are others. */
  readonly by: 'offset' | 'time'
  /** Names of brokers in the snapshot → here. */
  readonly brokerMap: ReadonlyMap<string, string>
  readonly mayCreateGroup: boolean
  /** What the snapshot to undo this is said to be of. */
  readonly reason: string
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
}

/** Moves groups to where a snapshot has them, after a review. Resolves to the exit code; see `carryOut`. */
export async function importOffsets(request: ImportRequest, parts: Parts): Promise<number> {
  const { context } = parts
  const wanted = chosenGroups(request).flatMap(({ source, group }) => wantedOf(source, group, request, context))
  if (wanted.length === 0) {
    context.say('the snapshot has nothing to put in place')
    return ExitCode.DONE
  }
  const plans: PreparedReset[] = []
  for (const one of wanted) plans.push(await prepare(one, parts))
  return carryOut(plans, { ...parts, reason: request.reason, single: false })
}

interface Chosen {
  readonly source: SnapshotGroup
  readonly group: string
}

function chosenGroups({ snapshot, group }: ImportRequest): Chosen[] {
  if (group === undefined) return snapshot.groups.map((source) => ({ source, group: source.group }))
  const same = snapshot.groups.filter((source) => source.group === group)
  const chosen = same.length > 0 || snapshot.groups.length > 1 ? same : snapshot.groups
  if (chosen.length > 0) return chosen.map((source) => ({ source, group }))
  const names = snapshot.groups.map((one) => one.group).join(', ')
  throw new UsageError(`the snapshot has no group ${group}`, { suggestions: names === '' ? [] : [`it has ${names}`] })
}

function wantedOf(
  source: SnapshotGroup,
  group: string,
  request: ImportRequest,
  context: CommandContext,
): WantedReset[] {
  const { topic, brokerMap, by, mayCreateGroup, snapshot } = request
  const byTopic = new Map<string, Map<string, Position>>()
  const without: string[] = []
  for (const queue of source.queues) {
    if (topic !== undefined && queue.topic !== topic) continue
    // A retry topic is a group's own, and times in it are of the retry.
    if (isRetryTopic(queue.topic) && (group !== source.group || by === 'time')) continue
    const here = { ...queue, broker: brokerMap.get(queue.broker) ?? queue.broker }
    if (queue.offset === null) {
      without.push(`${queue.topic} ${nameOf(here)}`)
      continue
    }
    const positions = byTopic.get(queue.topic) ?? new Map<string, Position>()
    positions.set(nameOf(here), positionOf(here, by, snapshot.takenAt))
    byTopic.set(queue.topic, positions)
  }
  if (without.length > 0) {
    context.say(
      `${group} had committed nothing in ${without.join(', ')}: what is there now stays, it cannot be taken away`,
    )
  }
  return [...byTopic].map(([name, perQueue]) => ({ group, topic: name, positions: { perQueue }, mayCreateGroup }))
}

function positionOf(queue: SnapshotQueue, by: 'offset' | 'time', takenAt: string): Position {
  if (by === 'time') return timeOf(queue, takenAt)
  return { kind: 'offset', offset: queue.offset ?? 0, clamp: true }
}
