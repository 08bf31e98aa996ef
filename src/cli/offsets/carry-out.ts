import {
  applyReset,
  createGroup,
  knownGroups,
  mastersByName,
  type QueueOwner,
  type VerifiedQueue,
  verifyReset,
} from '../../core/admin/index.ts'
import { queueKey, queueName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import { confirm, type WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { showProgress } from '../progress.ts'
import { stdoutWriter } from '../stdout.ts'
import { showPlan } from './plan-output.ts'
import type { PreparedReset } from './prepare-reset.ts'
import { type ResetOutcome, resetJson } from './reset-json.ts'
import { makeSnapshot, type Snapshot } from './snapshot.ts'
import { saveUndo } from './undo-store.ts'

/** How plans are carried out. */
export interface CarryOutParts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
  /** What the snapshot to undo it is said to be of: `before offsets reset …`. */
  readonly reason: string
  /** The document of one plan is that plan's own; of several, a list. */
  readonly single: boolean
}

const nothingDone: ResetOutcome = { applied: false, verified: [], undo: null }

/**
 * Shows plans, asks, keeps what was there before, carries them out and proves it. Resolves to the exit code: 6 when some
 * queue has not moved in time, or it is not known. Rejects with RefusedError when the answer is no; when no broker took
 * anything, with what the first one said.
 */
export async function carryOut(plans: readonly PreparedReset[], parts: CarryOutParts): Promise<number> {
  const { context, connection, flags } = parts
  for (const plan of plans) await showPlan(plan, parts)
  const moving = plans.filter(({ mechanisms }) => mechanisms.size > 0)
  const groups = await groupsToCreate(moving, parts)
  if (moving.length === 0) context.say('every queue is where it should be: nothing to do')
  const names = [...new Set(moving.map(({ wanted }) => wanted.group))].join(',')
  const go = moving.length > 0 && (await confirm({ question: 'Move these queues?', name: names }, flags, parts))
  if (!go) {
    await printJson(
      plans.map((plan) => resetJson(plan, nothingDone, connection)),
      parts,
    )
    return ExitCode.DONE
  }
  const undo = saveUndo(undoSnapshot(moving, parts), context.env)
  const how = `to undo it: mq offsets undo ${undo.id}`
  context.say(`kept what was there in ${undo.file}; ${how}`)
  await groups.create()
  const outcomes: ResetOutcome[] = []
  for (const plan of plans) {
    const acted = moving.includes(plan)
    outcomes.push(acted ? await carryOutOne(plan, undo.file, parts) : { ...nothingDone, undo: undo.file })
  }
  const documents = plans.map((plan, index) => resetJson(plan, outcomes[index] ?? nothingDone, connection))
  await printJson(documents, parts)
  const left = outcomes.flatMap(({ verified }) => verified).filter(({ state }) => state !== 'moved')
  return left.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

/** Brokers refuse offsets of groups they do not know: where a plan may, it makes the group first. */
async function groupsToCreate(
  plans: readonly PreparedReset[],
  { connection, context }: CarryOutParts,
): Promise<{ create(): Promise<void> }> {
  const { client } = connection
  const wait = invokeOptions(context)
  const missing: { readonly plan: PreparedReset; readonly brokers: readonly string[] }[] = []
  const told = new Set<string>()
  for (const plan of plans) {
    if (plan.wanted.mayCreateGroup !== true || told.has(plan.group)) continue
    told.add(plan.group)
    const { byBroker } = await knownGroups(client, plan.survey.brokers.masters, wait)
    const brokers = [...plan.mechanisms.keys()].filter((name) => byBroker.get(name)?.has(plan.group) === false)
    if (brokers.length === 0) continue
    missing.push({ plan, brokers })
    context.say(`create group ${plan.wanted.group} on ${brokers.join(', ')}`)
  }
  return {
    create: async () => {
      for (const { plan, brokers } of missing) {
        const masters = plan.survey.brokers.masters.filter(({ brokerName }) => brokers.includes(brokerName))
        await createGroup(client, plan.group, masters, wait)
      }
    },
  }
}

function undoSnapshot(plans: readonly PreparedReset[], { context, connection, reason }: CarryOutParts): Snapshot {
  const groups = plans.map(({ wanted, rows }) => ({
    group: wanted.group,
    queues: rows.map(({ queue, min, max, committed }) => ({
      topic: connection.userName(queue.topic),
      broker: queue.brokerName,
      queue: queue.queueId,
      offset: committed ?? null,
      min,
      max,
      storeTime: null,
    })),
  }))
  const takenAt = new Date(context.clock.now()).toISOString()
  return makeSnapshot({ takenAt, nameServers: connection.nameServers, reason, groups })
}

async function carryOutOne(plan: PreparedReset, undo: string, parts: CarryOutParts): Promise<ResetOutcome> {
  const { context, connection, flags } = parts
  const { client } = connection
  const { group, topic, rows, mechanisms, timestamps, survey, live } = plan
  const work = { group, topic, rows, mechanisms, timestamps, masters: mastersByName(survey) }
  const applied = await applyReset(client, work, invokeOptions(context))
  const [first] = applied
  if (first?.error !== undefined && applied.every(({ outcome }) => outcome === 'refused')) throw first.error
  for (const { row, outcome, error } of applied) {
    if (outcome === 'unknown') {
      context.say(
        `${queueName(row.queue)}: outcome unknown: ${error?.message ?? 'no answer'}; looking whether it moves`,
      )
    }
  }
  let moved = 0
  const stop = showProgress(context, () => `verifying: ${moved} of ${applied.length} queues have moved`)
  try {
    const verified = await verifyReset(client, work, applied, {
      ownersBefore: ownersBefore(plan),
      live,
      timeoutMs: Math.min(flags.verify, context.deadline.remainingMs() ?? flags.verify),
      wait: { signal: context.signal },
      onLook: (count) => {
        moved = count
      },
    })
    sayOutcome(verified, context)
    return { applied: true, verified, undo }
  } finally {
    stop()
  }
}

function ownersBefore({ survey }: PreparedReset): ReadonlyMap<string, QueueOwner> {
  const owned = survey.queues.flatMap(({ queue, owners: [owner, ...others] }) =>
    owner === undefined || others.length > 0 ? [] : [[queueKey(queue), owner] as const],
  )
  return new Map(owned)
}

function sayOutcome(verified: readonly VerifiedQueue[], context: CommandContext): void {
  const left = verified.filter(({ state }) => state !== 'moved')
  if (left.length === 0) context.say(`done: ${verified.length} queues have moved`)
  else context.say(`${verified.length - left.length} of ${verified.length} queues have moved; not these:`)
  for (const { queue, target, state, why } of left) {
    context.say(`  ${queueName(queue)}, to ${target}: ${state}${why === undefined ? '' : `: ${why}`}`)
  }
}

async function printJson(
  documents: readonly Readonly<Record<string, unknown>>[],
  { flags, single, context }: CarryOutParts,
): Promise<void> {
  if (!flags.json) return
  const [only] = documents
  const body = single ? only : { resets: documents }
  await stdoutWriter().write(`${jsonDocument({ ...documentHead(context), ...body })}\n`)
}
