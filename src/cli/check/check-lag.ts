import { type GroupSurvey, surveyGroup, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError, RocketMQError, UsageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import { stdoutWriter } from '../stdout.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { judgeLag, type LagLimits, type LagStatus } from './judge-lag.ts'
import { type LagFormat, lagText, nagiosCodes, nagiosUnknown } from './lag-output.ts'

/** What to check. */
export interface CheckLagRequest {
  readonly group: string
  /** Only this one; without it all of the group. */
  readonly topic: string | undefined
  readonly limits: LagLimits
  readonly format: LagFormat
}

const exitCodes: Readonly<Record<LagStatus, number>> = {
  ok: ExitCode.DONE,
  warning: ExitCode.FINDINGS,
  critical: ExitCode.FINDINGS,
  unknown: ExitCode.PARTIAL,
}

/** A check without limits can find nothing wrong. Throws UsageError where figures alone are of no use. */
export function requireLimits(limits: LagLimits, format: LagFormat): void {
  const isSet = Object.values(limits).some((limit) => limit !== undefined)
  if (isSet || format === 'json' || format === 'prometheus') return
  throw new UsageError('how much lag is too much? Give --max, --max-age, or both', {
    suggestions: ['for example --max 1000 --max-age 5m'],
  })
}

/**
 * Writes a line of how far a group is behind. Resolves to the exit code: 8 beyond a limit, 6 when not all is known, and
 * for `nagios` those of its plugins.
 */
export async function checkLag(
  request: CheckLagRequest,
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { group, limits, format } = request
  const { context, connection } = parts
  const survey = await surveyOf(request, parts)
  const judged = judgeLag(survey, limits)
  const byTopic = judged.figures.byTopic.map((one) => ({ ...one, topic: connection.userName(one.topic) }))
  const verdict = { ...judged, figures: { ...judged.figures, byTopic } }
  const errors = survey.errors.map(({ source, error }) => ({ source, message: error.message }))
  await stdoutWriter().write(lagText({ group, verdict, limits, errors }, format, context))
  return format === 'nagios' ? nagiosCodes[verdict.status] : exitCodes[verdict.status]
}

async function surveyOf(
  { group, topic }: CheckLagRequest,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<GroupSurvey> {
  const { client } = connection
  const wait = invokeOptions(context)
  const wireTopic = topic === undefined ? undefined : connection.wireName(topic)
  const survey = await surveyGroup(client, { group: connection.wireName(group), topic: wireTopic }, wait)
  if (wireTopic !== undefined && survey.queues.length === 0 && client.routes.cached(wireTopic) === undefined) {
    const [error] = survey.errors.filter(({ source }) => source === 'name server')
    if (error !== undefined) throw error.error
    const missing = new NotFoundError('topic', wireTopic, `no such topic: ${connection.userName(wireTopic)}`)
    throw await withTopicSuggestion(missing, new TopicAdmin(client, wait), connection)
  }
  await requireGroup(survey, connection, wait)
  const [first] = survey.errors
  if (first && survey.members.length === 0 && survey.queues.every(({ state }) => state.kind === 'unknown')) {
    throw first.error
  }
  return survey
}

/** Does the work; where Nagios reads the result, what kept it from being done is a line and a code of its own. */
export async function asPlugin(
  { group, format }: Pick<CheckLagRequest, 'group' | 'format'>,
  work: () => Promise<number>,
): Promise<number> {
  if (format !== 'nagios') return work()
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    await stdoutWriter().write(nagiosUnknown(group, error.message))
    return nagiosCodes.unknown
  }
}
