import { isRetryTopic, surveyGroup } from '../../core/admin/index.ts'
import { NotFoundError, UsageError } from '../../core/errors.ts'
import { queueName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Position } from '../position/position.ts'
import { carryOut } from './carry-out.ts'
import { requireGroup } from './known-group.ts'
import type { PreparedReset } from './prepare-reset.ts'
import { prepare } from './reset-offsets.ts'

/** What to copy. */
export interface CloneRequest {
  readonly from: string
  readonly to: string
  /** Empty: every topic the first group has committed in. */
  readonly topics: readonly string[]
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
}

/** Puts a group where another one is, after a review. Resolves to the exit code; see `carryOut`. */
export async function cloneOffsets(request: CloneRequest, parts: Parts): Promise<number> {
  const { from, to, topics } = request
  if (from === to) throw new UsageError(`--from and --group are both ${from}`)
  const { context, connection } = parts
  const wait = invokeOptions(context)
  const survey = await surveyGroup(connection.client, { group: connection.wireName(from), details: false }, wait)
  const [error] = survey.errors
  if (error !== undefined) throw error.error
  await requireGroup(survey, connection, wait)
  const byTopic = new Map<string, Map<string, Position>>()
  for (const { queue, committed } of survey.queues) {
    const topic = connection.userName(queue.topic)
    if (isRetryTopic(queue.topic) || (topics.length > 0 && !topics.includes(topic))) continue
    if (committed === undefined) {
      context.say(`${from} has committed nothing in ${queueName(queue)} of ${topic}: it is left out`)
      continue
    }
    const positions = byTopic.get(topic) ?? new Map<string, Position>()
    byTopic.set(topic, positions.set(queueName(queue), { kind: 'offset', offset: committed, clamp: true }))
  }
  const missing = topics.length === 0 ? byTopic.size === 0 : topics.some((topic) => !byTopic.has(topic))
  if (missing) {
    const where = topics.filter((topic) => !byTopic.has(topic)).join(', ') || 'any topic'
    throw new NotFoundError('topic', where, `${from} has committed nothing in ${where}`)
  }
  const plans: PreparedReset[] = []
  for (const [topic, perQueue] of byTopic) {
    plans.push(await prepare({ group: to, topic, positions: { perQueue }, mayCreateGroup: true }, parts))
  }
  return carryOut(plans, { ...parts, reason: `before offsets clone --from ${from} -g ${to}`, single: false })
}
