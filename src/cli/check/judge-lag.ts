import { type GroupSurvey, isRetryTopic, lagOf, type QueueProgress } from '../../core/admin/index.ts'
import { formatDuration } from '../duration.ts'

/** From where on a figure is wrong; `undefined`: any is right. */
export interface LagLimits {
  readonly max: number | undefined
  readonly maxAgeMs: number | undefined
  readonly warn: number | undefined
  readonly warnAgeMs: number | undefined
  /** For messages that failed and wait to come again, and for those that were given up. */
  readonly maxRetry: number | undefined
  readonly maxDlq: number | undefined
}

/** Figures of a group; main topics only, but for the last two. */
export interface LagFigures {
  readonly lag: number
  /** Of each main topic. */
  readonly byTopic: readonly {
    readonly topic: string
    readonly lag: number
    readonly oldestUnreadAgeMs: number | null
  }[]
  readonly oldestUnreadAgeMs: number | null
  /** Queues whose lag nobody tells: not a part of any sum. */
  readonly unknown: number
  readonly retryLag: number
  /** `null`: not known. */
  readonly dlq: number | null
  readonly members: number
}

/** `unknown`: nothing is known to be wrong, and not all is known. */
export type LagStatus = 'ok' | 'warning' | 'critical' | 'unknown'

/** What a check of a group comes to. */
export interface LagVerdict {
  readonly status: LagStatus
  readonly figures: LagFigures
  /** What is wrong or not known, the worst first. */
  readonly problems: readonly string[]
}

/** Sums up how a group stands. An unread message's age counts only where there is a lag. */
function lagFigures(survey: GroupSurvey): LagFigures {
  const main = survey.queues.filter(({ queue }) => !isRetryTopic(queue.topic))
  const topics = [...new Set(main.map(({ queue }) => queue.topic))]
  return {
    lag: sumOf(main),
    byTopic: topics.map((topic) => {
      const own = main.filter(({ queue }) => queue.topic === topic)
      return { topic, lag: sumOf(own), oldestUnreadAgeMs: oldestOf(own) }
    }),
    oldestUnreadAgeMs: oldestOf(main),
    unknown: main.filter(isUnknown).length,
    retryLag: sumOf(survey.queues.filter(({ queue }) => isRetryTopic(queue.topic))),
    dlq: survey.deadLetters ?? null,
    members: survey.members.length,
  }
}

function sumOf(queues: readonly QueueProgress[]): number {
  return queues.reduce((sum, queue) => sum + (lagOf(queue) ?? 0), 0)
}

function oldestOf(queues: readonly QueueProgress[]): number | null {
  const ages = queues.flatMap((queue) => ((lagOf(queue) ?? 0) > 0 ? (queue.unreadAgeMs ?? []) : []))
  return ages.length === 0 ? null : Math.max(...ages)
}

/** A queue in which nothing lies has no lag, whether or not anything was committed. */
function isUnknown(queue: QueueProgress): boolean {
  if (lagOf(queue) !== undefined) return false
  return queue.max === undefined || queue.max > (queue.min ?? 0)
}

/** Compares figures with limits. What is beyond a limit is wrong, what is at it is not. */
export function judgeLag(survey: GroupSurvey, limits: LagLimits): LagVerdict {
  const figures = lagFigures(survey)
  const critical = [
    ...beyond('lag', figures.lag, limits.max, String),
    ...beyond('oldest unread', figures.oldestUnreadAgeMs, limits.maxAgeMs, formatDuration),
    ...beyond('retry lag', figures.retryLag, limits.maxRetry, String),
    ...beyond('dead letters', figures.dlq, limits.maxDlq, String),
    ...ahead(survey),
  ]
  const warnings = [
    ...beyond('lag', figures.lag, limits.warn, String),
    ...beyond('oldest unread', figures.oldestUnreadAgeMs, limits.warnAgeMs, formatDuration),
  ]
  const unknown = [
    ...survey.errors.filter(({ source }) => !source.startsWith('member ')).map(({ error }) => error.message),
    ...(figures.unknown > 0 ? [`${figures.unknown} queues with messages have no commit, or nobody tells it`] : []),
    ...(survey.messageModel === 'BROADCASTING' ? ['the group is broadcasting: brokers know no lag of it'] : []),
  ]
  const status =
    critical.length > 0 ? 'critical' : warnings.length > 0 ? 'warning' : unknown.length > 0 ? 'unknown' : 'ok'
  return { status, figures, problems: [...(critical.length > 0 ? critical : warnings), ...unknown] }
}

function beyond(
  name: string,
  value: number | null,
  limit: number | undefined,
  text: (value: number) => string,
): string[] {
  return value === null || limit === undefined || value <= limit ? [] : [`${name} ${text(value)} > ${text(limit)}`]
}

/** A commit beyond the end hides what comes next: its lag of 0 is none. */
function ahead({ queues }: GroupSurvey): string[] {
  const wrong = queues.filter(({ state }) => state.kind === 'ahead')
  return wrong.length === 0 ? [] : [`${wrong.length} queues are committed beyond their end`]
}
