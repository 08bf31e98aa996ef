import { RefusedError } from '../../core/errors.ts'
import { queueName } from '../../core/protocol/index.ts'
import type { PlanReset, ResetRequest, TopicPlan } from '../../core/telemetry/index.ts'
import { anySignal } from '../any-signal.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { effectText, planNotes, planTitle } from '../offsets/plan-presenter.ts'
import { decideReset, type PreparedReset, surveyReset } from '../offsets/prepare-reset.ts'
import { readPositions } from '../offsets/read-positions.ts'
import { quoted } from './connection-words.ts'

/** Makes the plans that `offsets reset --dry-run` would. Where brokers cannot carry one out, it is shown all the same, and says why. */
export function resetPlanner(
  parts: { readonly context: CommandContext; readonly connection: Connection },
  connectionWords: string,
): PlanReset {
  return async (request, signal) => {
    const context = { ...parts.context, signal: anySignal(parts.context.signal, signal) }
    const topics = await Promise.all(
      request.topics.map((topic) => planTopic({ ...request, topic, connectionWords }, { ...parts, context })),
    )
    return { request, at: context.clock.now(), topics }
  }
}

async function planTopic(
  request: ResetRequest & { readonly topic: string; readonly connectionWords: string },
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<TopicPlan> {
  const { group, topic, to } = request
  const queues = request.queue === undefined ? undefined : [request.queue]
  const positions = readPositions(to, { topic, group, queues, now: parts.context.clock.now() })
  // Each names its queues itself.
  const only = 'perQueue' in positions ? undefined : queues
  const surveyed = await surveyReset({ group, topic, positions, queues: only }, parts)
  try {
    const prepared = await decideReset(surveyed, parts)
    const command = prepared.mechanisms.size === 0 ? undefined : commandOf(request, only)
    return { ...shown(prepared, 'nothing to do'), refused: [], command }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    const undecided = { ...surveyed, mechanisms: new Map(), timestamps: new Map() }
    return { ...shown(undecided, 'not so'), refused: [error.message, ...error.suggestions], command: undefined }
  }
}

/** `otherwise` is said of brokers that will do nothing. */
function shown(plan: PreparedReset, otherwise: string): Omit<TopicPlan, 'refused' | 'command'> {
  return {
    topic: plan.wanted.topic,
    title: planTitle(plan, otherwise),
    rows: plan.rows.map((row) => ({
      queue: queueName(row.queue),
      min: row.min,
      max: row.max,
      committed: row.committed ?? null,
      target: row.target,
      effect: row.effect,
      text: effectText(row),
    })),
    notes: planNotes(plan),
  }
}

function commandOf(
  request: ResetRequest & { readonly topic: string; readonly connectionWords: string },
  queues: readonly string[] | undefined,
): string {
  const { group, topic, to, connectionWords } = request
  const only = queues === undefined ? '' : ` --queue ${quoted(queues.join(','))}`
  // What begins with a dash would be a flag of its own.
  const where = to.startsWith('-') ? `--to=${quoted(to)}` : `--to ${quoted(to)}`
  return `mq offsets reset -g ${quoted(group)} ${quoted(topic)}${only} ${where}${connectionWords}`
}
