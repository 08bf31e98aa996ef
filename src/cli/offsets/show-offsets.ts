import { type GroupSurvey, isRetryTopic, surveyGroup, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { dlqTopic } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { formatDuration } from '../duration.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { ListFormat, PartialError } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { requireGroup } from './known-group.ts'
import { groupColumns, groupItems, type OffsetView, sumOf } from './offset-groups.ts'
import { type OffsetItem, offsetColumns, offsetItem } from './offset-items.ts'

/** What to show of a group. */
export interface ShowOffsetsRequest {
  readonly group: string
  readonly topic: string | undefined
  readonly by: OffsetView
  /** Only queues with a backlog, or in a state that is not `ok`. */
  readonly lagging: boolean
  readonly format: ListFormat
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/** Writes where a group stands. Resolves to the exit code: 6 when somebody did not answer. */
export async function showOffsets(request: ShowOffsetsRequest, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const { client } = connection
  const wait = invokeOptions(context)
  const topic = request.topic === undefined ? undefined : connection.wireName(request.topic)
  const asked = { group: connection.wireName(request.group), topic, outlook: true }
  const survey = await surveyGroup(client, asked, wait)
  if (topic !== undefined && survey.queues.length === 0 && client.routes.cached(topic) === undefined) {
    const [error] = survey.errors.filter(({ source }) => source === 'name server')
    if (error !== undefined) throw error.error
    const missing = new NotFoundError('topic', topic, `no such topic: ${connection.userName(topic)}`)
    throw await withTopicSuggestion(missing, new TopicAdmin(client, wait), connection)
  }
  await requireGroup(survey, connection, wait)
  failWhenNothingIsKnown(survey)
  await print(request, survey, parts)
  return survey.errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

/** An answer of nobody is no answer. */
function failWhenNothingIsKnown({ queues, members, errors }: GroupSurvey): void {
  const [first] = errors
  if (first && members.length === 0 && queues.every(({ state }) => state.kind === 'unknown')) throw first.error
}

async function print(request: ShowOffsetsRequest, survey: GroupSurvey, parts: Parts): Promise<void> {
  const { context, connection } = parts
  const options = { userName: (name: string) => connection.userName(name), now: context.clock.now() }
  const whole = shown(survey).map((queue) => offsetItem(queue, options))
  const items = request.lagging ? whole.filter(({ lag, state }) => (lag ?? 0) > 0 || state !== 'ok') : whole
  const more = { group: request.group, online: survey.members.length > 0, totals: totals(whole, survey, connection) }
  const errors = partialErrors(survey)
  if (request.by === 'queue') {
    await printList({ name: 'queues', items, columns: offsetColumns, errors, more }, request.format, context)
  } else {
    const groups = groupItems(items, request.by)
    const columns = groupColumns(request.by)
    await printList({ name: `${request.by}s`, items: groups, columns, errors, more }, request.format, context)
  }
  for (const line of notes(survey, whole, { request, connection })) context.say(line)
}

/** A retry topic nobody was sent to, and has consumed nothing of, is not worth a line. */
function shown({ queues }: GroupSurvey): GroupSurvey['queues'] {
  return queues.filter(
    ({ queue, max, committed, state }) =>
      !isRetryTopic(queue.topic) || max !== 0 || committed !== undefined || state.kind === 'unknown',
  )
}

function partialErrors({ errors }: GroupSurvey): PartialError[] {
  return errors.map(({ source, error }) => ({ source, message: error.message }))
}

interface Totals {
  readonly lag: number
  readonly unknown: number
  readonly retryLag: number
  readonly dlq: number | null
}

function totals(items: readonly OffsetItem[], survey: GroupSurvey, connection: Connection): Totals {
  const retry = (item: OffsetItem): boolean => isRetryTopic(connection.wireName(item.topic))
  const main = sumOf(items.filter((item) => !retry(item)))
  return {
    lag: main.lag,
    unknown: main.unknown,
    retryLag: sumOf(items.filter(retry)).lag,
    dlq: survey.deadLetters ?? null,
  }
}

/** What a table cannot say, on stderr. */
function notes(
  survey: GroupSurvey,
  items: readonly OffsetItem[],
  { request, connection }: { readonly request: ShowOffsetsRequest; readonly connection: Connection },
): string[] {
  const { group, topic, format } = request
  const lines: string[] = []
  if (survey.messageModel === 'BROADCASTING') {
    lines.push(`${group} is broadcasting: each member keeps offsets of its own, and brokers know none of them`)
  }
  const popping = survey.members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)
  if (popping) lines.push(`${group} pops: a queue has several readers, and in flight is what was not acknowledged`)
  const unable = survey.members.filter(({ silent }) => silent === 'unable').map(({ clientId }) => clientId)
  if (unable.length > 0) lines.push(`these members do not tell which queues they own: ${unable.join(', ')}`)
  if (format === 'table' || format === 'wide') lines.push(totalLine(survey, items, connection))
  if (items.length === 0 && topic === undefined) lines.push(`${group} has committed nothing yet`)
  return lines
}

function totalLine(survey: GroupSurvey, items: readonly OffsetItem[], connection: Connection): string {
  const { lag, unknown, retryLag, dlq } = totals(items, survey, connection)
  const age = sumOf(items).oldestUnreadAgeMs
  const parts = [
    survey.members.length === 0 ? 'nobody online' : `${survey.members.length} online`,
    `lag ${lag}${unknown === 0 ? '' : ` (${unknown} queues not known, not counted)`}`,
    ...(age === null ? [] : [`oldest unread ${formatDuration(age)}`]),
    ...(retryLag === 0 ? [] : [`retry lag ${retryLag}`]),
    ...(dlq === null || dlq === 0 ? [] : [`${dlq} dead letters in ${connection.userName(dlqTopic(survey.group))}`]),
  ]
  return parts.join(', ')
}
