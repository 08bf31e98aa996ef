import { Producer } from '../../core/producer/index.ts'
import { queueName } from '../../core/protocol/index.ts'
import { confirm, type WriteFlagValues } from '../confirm.ts'
import { ExitCode } from '../error-report.ts'
import type { MessageParts } from '../messages/look-up.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { Pace } from '../produce/pace.ts'
import { showProgress } from '../progress.ts'
import { Checkpoint } from './checkpoint.ts'
import { originTopicOf } from './letter.ts'
import { type LettersRead, type LettersRequest, readLetters } from './letters.ts'
import { type RedriveItem, sendHome } from './send-home.ts'

/** Which letters to send home, and how. */
export interface RedriveRequest extends LettersRequest {
  /** Letters a second; `undefined`: as fast as it goes. */
  readonly rate: number | undefined
  readonly checkpoint: string | undefined
  readonly flags: WriteFlagValues
  readonly format: ListFormat
}

/** What would be done. */
interface RedrivePlan extends LettersRead {
  /** Letters to be sent, by their topic on the wire. */
  readonly perTopic: ReadonlyMap<string | undefined, number>
  readonly homes: ReadonlySet<string>
  readonly sentBefore: number
}

const columns: readonly Column<RedriveItem>[] = [
  { head: 'LETTER', value: ({ letter }) => letter },
  { head: 'MSGID', value: ({ msgId }) => msgId },
  { head: 'TOPIC', value: ({ topic }) => topic ?? undefined },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'QUEUE', value: ({ broker, queue }) => (broker === null ? undefined : `${broker}:${queue}`) },
  { head: 'OFFSET', value: ({ offset }) => offset ?? undefined },
  { head: 'WHY', value: ({ why }) => why ?? undefined },
]

/**
 * Sends dead letters to the topics they came from, each once: with a checkpoint also when the command is killed in the
 * middle and started again. The letters stay where they are. Resolves to the exit code: 6 when not all were sent.
 */
export async function redrive(request: RedriveRequest, parts: MessageParts): Promise<number> {
  const { context, connection } = parts
  const owner = { group: request.group, cluster: connection.clusterKey }
  const checkpoint = Checkpoint.open(request.flags['dry-run'] ? undefined : request.checkpoint, owner)
  try {
    const plan = await makePlan(request, checkpoint, parts)
    for (const line of planLines(request, plan, parts)) context.say(line)
    const count = [...plan.perTopic.values()].reduce((sum, letters) => sum + letters, 0)
    const go =
      count > 0 && (await confirm({ question: 'Send these letters home?', name: request.group }, request.flags, parts))
    const items = go ? await sendAll(request, plan, { ...parts, checkpoint }) : []
    const errors = plan.errors
    const more = { group: request.group, plan: planItems(plan, connection) }
    await printList({ name: 'letters', items, columns, errors, more }, request.format, context)
    const sent = items.filter(({ state }) => state === 'sent' || state === 'sent-before').length
    if (go) context.say(`${sent} of ${count} letters are at home`)
    if (go && sent < count && request.checkpoint !== undefined) context.say('the same command goes on with the others')
    return errors.length > 0 || (go && sent < count) ? ExitCode.PARTIAL : ExitCode.DONE
  } finally {
    checkpoint.close()
  }
}

async function makePlan(request: LettersRequest, checkpoint: Checkpoint, parts: MessageParts): Promise<RedrivePlan> {
  const perTopic = new Map<string | undefined, number>()
  let sentBefore = 0
  const read = await readLetters(request, parts, (letters) => {
    for (const letter of letters) {
      const topic = originTopicOf(letter)
      if (checkpoint.stateOf(letter.offsetMsgId) === 'sent') sentBefore += 1
      else perTopic.set(topic, (perTopic.get(topic) ?? 0) + 1)
    }
    return true
  })
  const homes = new Set<string>()
  for (const topic of perTopic.keys()) {
    // A producer would have it made anew.
    if (topic !== undefined && (await parts.connection.client.routes.refresh(topic)) !== undefined) homes.add(topic)
  }
  return { ...read, perTopic, homes, sentBefore }
}

/** The plan as JSON shows it. */
function planItems({ perTopic, homes }: RedrivePlan, connection: Pick<MessageParts['connection'], 'userName'>) {
  return [...perTopic].map(([topic, letters]) => ({
    topic: topic === undefined ? null : connection.userName(topic),
    letters,
    exists: topic !== undefined && homes.has(topic),
  }))
}

function planLines(request: RedriveRequest, plan: RedrivePlan, { connection }: MessageParts): string[] {
  const lines = [...plan.perTopic].map(([topic, count]) => {
    if (topic === undefined) return `${count} letters of ${request.group} do not say where they came from, and stay`
    const name = connection.userName(topic)
    if (!plan.homes.has(topic)) return `${count} letters of ${request.group} stay: there is no topic ${name} any more`
    return `send ${count} letters of ${request.group} to ${name}, for all its groups`
  })
  if (plan.sentBefore > 0) lines.push(`${plan.sentBefore} were sent before, as ${request.checkpoint ?? ''} says`)
  if (plan.perTopic.size === 0) lines.push('nothing to send')
  return lines
}

async function sendAll(
  request: RedriveRequest,
  plan: RedrivePlan,
  parts: MessageParts & { readonly checkpoint: Checkpoint },
): Promise<readonly RedriveItem[]> {
  const { context, connection, checkpoint } = parts
  // What has become a letter since then is not in the plan.
  const ends = new Map((plan.dead?.queues ?? []).map(({ queue, max }) => [queueName(queue), max]))
  const pace = request.rate === undefined ? undefined : new Pace(context.clock, request.rate)
  const items: RedriveItem[] = []
  const stop = showProgress(context, () => `${items.length} letters sent`)
  await using producer = new Producer(connection.client, { retries: 0 })
  try {
    await readLetters(request, parts, async (letters) => {
      for (const letter of letters) {
        if (letter.queueOffset >= (ends.get(queueName(letter)) ?? 0)) continue
        if (checkpoint.stateOf(letter.offsetMsgId) === 'sent') continue
        await pace?.wait(context.signal)
        if (context.signal.aborted) return false
        const item = await sendHome(letter, { ...parts, producer, homes: plan.homes })
        items.push(item)
        // Whoever does not answer will not answer the next time either.
        if (item.state === 'unknown') return false
      }
      return true
    })
  } finally {
    stop()
  }
  return items
}
