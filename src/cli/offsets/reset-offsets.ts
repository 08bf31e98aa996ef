import { TopicAdmin } from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { readFlag } from '../flag-types.ts'
import { invokeOptions } from '../invoke-options.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { carryOut } from './carry-out.ts'
import { type FiledPlan, readPlan, refuseDrift, writePlan } from './plan-file.ts'
import { sayPlanOnly } from './plan-output.ts'
import { type PreparedReset, prepareReset } from './prepare-reset.ts'
import { readPositions } from './read-positions.ts'
import type { WantedReset } from './wanted-reset.ts'

/** What the command line says. */
export interface ResetOffsetsRequest {
  readonly group: string | undefined
  readonly topic: string | undefined
  readonly to: string | undefined
  readonly queues: readonly string[] | undefined
  readonly timeZone: string | undefined
  readonly planOut: string | undefined
  readonly plan: string | undefined
  /** How many messages a queue may have moved since the plan was made. */
  readonly drift: number
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
}

/** Moves a group in one topic, after a review. Resolves to the exit code; see `carryOut`. */
export async function resetOffsets(request: ResetOffsetsRequest, parts: Parts): Promise<number> {
  const { context } = parts
  const filed = request.plan === undefined ? undefined : readPlan(request.plan)
  const wanted = filed === undefined ? wantedReset(request, context) : agreed(filed, request)
  const prepared = await prepare(wanted, parts)
  if (filed !== undefined) refuseDrift(filed, prepared.rows, request.drift)
  if (request.planOut !== undefined) {
    await sayPlanOnly(prepared, parts)
    writePlan(request.planOut, prepared, parts)
    return ExitCode.DONE
  }
  const reason = `before offsets reset -g ${wanted.group} ${wanted.topic}`
  return carryOut([prepared], { ...parts, reason, single: true })
}

/** As `prepareReset`, with "did you mean" for a topic. */
export async function prepare(wanted: WantedReset, parts: Omit<Parts, 'flags'>): Promise<PreparedReset> {
  const { context, connection } = parts
  try {
    return await prepareReset(wanted, parts)
  } catch (error) {
    throw await withTopicSuggestion(error, new TopicAdmin(connection.client, invokeOptions(context)), connection)
  }
}

function wantedReset(request: ResetOffsetsRequest, context: CommandContext): WantedReset {
  const { group, topic, to, queues } = request
  if (group === undefined || topic === undefined || to === undefined) {
    throw new UsageError('a group, a topic and a position are needed: -g GROUP TOPIC --to POSITION', {
      suggestions: ['or --plan FILE, which has them all'],
    })
  }
  const positions = readFlag('to', to, (text) =>
    readPositions(text, { topic, group, queues, timeZone: request.timeZone, now: context.clock.now() }),
  )
  if ('perQueue' in positions && queues !== undefined) {
    throw new UsageError('--to names its queues already: leave --queue out')
  }
  return { group, topic, positions, queues: queues?.map((name) => name.trim()) }
}

function agreed({ wanted }: FiledPlan, { group, topic, to, queues }: ResetOffsetsRequest): WantedReset {
  if (to !== undefined || queues !== undefined) {
    throw new UsageError('--plan says what to do: leave --to and --queue out')
  }
  if ((group !== undefined && group !== wanted.group) || (topic !== undefined && topic !== wanted.topic)) {
    throw new UsageError(`the plan is for group ${wanted.group} and topic ${wanted.topic}`)
  }
  return wanted
}
