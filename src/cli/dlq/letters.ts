import { type DeadLetterGroup, deadLettersOf, FanOut, readDeadLetters } from '../../core/admin/index.ts'
import { checkGroupName, type MessageExt } from '../../core/protocol/index.ts'
import { consumeFlags } from '../consume/consume-flags.ts'
import { type MessageFilter, messageFilter } from '../consume/message-filter.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { MessageParts } from '../messages/look-up.ts'
import { requireKnownGroup } from '../messages/require-known-group.ts'
import type { PartialError } from '../output/list.ts'
import { originTopicOf } from './letter.ts'

const { key, prop, grep } = consumeFlags

/** The flags that choose among dead letters, but for `--topic`. */
export const letterFlags = { key, prop, grep } as const

/** Which dead letters of which group. */
export interface LettersRequest {
  readonly group: string
  /** Only those that came from this topic. */
  readonly topic: string | undefined
  readonly key: readonly string[] | undefined
  readonly prop: readonly string[] | undefined
  readonly grep: string | undefined
}

/** What was read. */
export interface LettersRead {
  /** What there is; `undefined`: the group never had any. */
  readonly dead: DeadLetterGroup | undefined
  readonly errors: readonly PartialError[]
}

/**
 * Reads the dead letters of a group that are wanted; `take` says whether to go on. Rejects with NotFoundError for a group
 * nobody knows, UsageError for a filter that cannot be read.
 */
export async function readLetters(
  request: LettersRequest,
  parts: MessageParts,
  take: (letters: readonly MessageExt[]) => boolean | Promise<boolean>,
): Promise<LettersRead> {
  const { context, connection } = parts
  const group = connection.wireName(request.group)
  checkGroupName(group)
  const wanted = letterFilter(request, parts)
  const fanOut = new FanOut()
  const wait = invokeOptions(context)
  const dead = await deadLettersOf(connection.client, group, { fanOut, wait })
  if (dead === undefined) await requireKnownGroup(group, parts)
  const chosen = (letters: readonly MessageExt[]) => take(letters.filter(wanted))
  await readDeadLetters(connection.client, dead?.queues ?? [], { fanOut, wait, take: chosen })
  return { dead, errors: fanOut.errors.map(({ source, error }) => ({ source, message: error.message })) }
}

function letterFilter(request: LettersRequest, { connection }: MessageParts): MessageFilter {
  const topic = request.topic === undefined ? undefined : connection.wireName(request.topic)
  const { key: keys = [], prop: properties = [], grep: expression } = request
  const more = messageFilter({ keys, properties, grep: expression })
  return (letter) => (topic === undefined || originTopicOf(letter) === topic) && more?.(letter) !== false
}
