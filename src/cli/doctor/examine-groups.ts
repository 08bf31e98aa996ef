import {
  type Diagnosis,
  type DoctorQuestion,
  diagnose,
  type Look,
  lookAt,
  type StrategyKnowledge,
  type Unjudged,
  unjudged,
} from '../../core/admin/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'

/** A message that is worked at for longer than this is stuck, unless somebody says otherwise. */
export const STUCK_AFTER_MS = 60_000

/** What groups are examined with. */
export interface ExamineRequest {
  /** As the user calls it, as is the topic; without it, all that is theirs. */
  readonly topic: string | undefined
  /** A head that is worked at for longer is stuck, in ms. */
  readonly stuckAfterMs: number
  readonly knowledgeOf: (wireGroup: string) => Promise<StrategyKnowledge>
}

/** What was found out of a group. */
export interface Examination {
  /** As the user calls it. */
  readonly group: string
  readonly look: Look
  readonly findings: readonly Diagnosis[]
  readonly unjudged: readonly Unjudged[]
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/** A queue that changes hands is over with it in about a second, and a head that is worked at has moved. */
const SECOND_LOOK_MS = 2000

/** Within less nothing need have moved. */
const LEAST_PAUSE_MS = 500

/** Groups looked at at once: a cluster may have hundreds. */
const AT_ONCE = 16

/**
 * Looks at groups, given by their names on the wire. Those with a finding are looked at once more, 2 s later or sooner
 * if time is short, and what both looks agree on counts. Where there is no time for that, the first look has to do.
 */
export async function examineGroups(
  groups: readonly string[],
  request: ExamineRequest,
  parts: Parts,
): Promise<readonly Examination[]> {
  const { context } = parts
  const first = await inTurns(groups, (group) => examine(group, undefined, request, parts))
  const suspects = first.filter(({ findings }) => findings.length > 0)
  const pauseMs = Math.min(SECOND_LOOK_MS, (context.deadline.remainingMs() ?? Infinity) / 2)
  if (suspects.length === 0) return first
  if (pauseMs < LEAST_PAUSE_MS) {
    context.say('there was no time to look again (--timeout): what is found may be over in a moment')
    return first
  }
  await context.clock.sleep(pauseMs, { signal: context.signal })
  const again = await inTurns(suspects, ({ look }) => examine(look.allocation.group, look, request, parts))
  const byGroup = new Map(again.map((one) => [one.group, one]))
  return first.map((one) => byGroup.get(one.group) ?? one)
}

async function examine(
  group: string,
  before: Look | undefined,
  { topic, stuckAfterMs, knowledgeOf }: ExamineRequest,
  { context, connection }: Parts,
): Promise<Examination> {
  const wireTopic = topic === undefined ? undefined : connection.wireName(topic)
  const look = await lookAt(connection.client, { group, topic: wireTopic }, invokeOptions(context))
  const name = connection.userName(group)
  const naming = { group: name, userName: (text: string) => connection.userName(text) }
  const question: DoctorQuestion = { ...(await knowledgeOf(group)), look, before, naming, stuckAfterMs }
  return { group: name, look, findings: diagnose(question), unjudged: unjudged(look) }
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const next = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of next) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
  return results
}
