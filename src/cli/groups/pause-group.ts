import { type GroupOnBroker, groupDetails, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError, RefusedError } from '../../core/errors.ts'
import { confirm } from '../confirm.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { stdoutWriter } from '../stdout.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { sayApplied } from './applied.ts'
import { changeGroup } from './change-group.ts'
import { findGroup, type GroupParts, type GroupToChange } from './find-group.ts'

/** Which group, or which topic of it, is to be paused or to go on. */
export interface PauseRequest {
  readonly group: string
  /** Only this topic of it. */
  readonly topic: string | undefined
  readonly paused: boolean
}

/**
 * Lets brokers hand out nothing to a group, or to a group of one topic, or again. What members hold already they finish.
 * Shows the plan, asks, carries it out on every broker and reads it back. Resolves to the exit code: 6 when a broker did
 * not do it.
 */
export async function pauseGroup(request: PauseRequest, parts: GroupParts): Promise<number> {
  const target = await findGroup(request.group, parts)
  const notes = request.paused ? await memberNotes(target, request, parts) : []
  if (request.topic !== undefined) return pauseTopic({ ...request, topic: request.topic }, target, { ...parts, notes })
  const { group, paused } = request
  return changeGroup(
    {
      wanted: { consumeEnable: !paused },
      question: paused ? 'Pause the group?' : 'Let the group go on?',
      notes,
      already: paused ? `group ${group} is paused already` : `group ${group} is not paused`,
      undo: `mq groups ${paused ? 'resume' : 'pause'} -g ${group}`,
    },
    target,
    parts,
  )
}

/** What a pause means for those who are online. */
async function memberNotes(
  { group }: GroupToChange,
  { topic }: PauseRequest,
  { connection, context }: GroupParts,
): Promise<readonly string[]> {
  const { members, messageModel } = await groupDetails(connection.client, { group }, invokeOptions(context))
  if (members.length === 0) return ['nobody is online']
  const held = members.flatMap(({ info }) => info?.mqTable.map(([, { cachedMsgCount }]) => cachedMsgCount) ?? [])
  const cached = held.reduce((sum, count) => sum + count, 0)
  const pops = members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)
  return [
    `${members.length} online: they finish what they hold (${cached} messages now), commit it, and ask again every few seconds`,
    ...(topic !== undefined && pops ? ['who pops goes on: a pause of one topic holds for pulls only'] : []),
    ...(messageModel === 'BROADCASTING' ? ['it is broadcasting: every member stops where it is'] : []),
  ]
}

interface TopicPause extends PauseRequest {
  readonly topic: string
}

async function pauseTopic(
  request: TopicPause,
  target: GroupToChange,
  parts: GroupParts & { readonly notes: readonly string[] },
): Promise<number> {
  const { context, connection } = parts
  const { group, paused } = request
  const topic = connection.wireName(request.topic)
  await requireTopic(request.topic, parts)
  refuseOld(request, target, parts)
  // A broker that does not know the group makes it when it is asked the first time; the ban holds all the same.
  const on = target.found.found.filter(({ banned }) => banned.includes(topic) !== paused)
  for (const { master, banned } of on) {
    const others = banned.filter((other) => other !== topic).length
    const kept = paused || others === 0 ? '' : `; ${others} other paused topics stay so`
    const what = paused ? 'hand out nothing of' : 'hand out again'
    context.say(`${master.brokerName} (${master.cluster}): ${what} ${request.topic} to ${group}${kept}`)
  }
  for (const note of on.length > 0 ? parts.notes : []) context.say(note)
  if (on.length === 0) context.say(`${request.topic} is ${paused ? 'paused already' : 'not paused'} for ${group}`)
  const question = paused ? 'Pause the topic for this group?' : 'Let the group go on with it?'
  const go = on.length > 0 && (await confirm({ question, name: group }, parts.flags, parts))
  const applied = go ? await target.admin.setMayRead(target.group, topic, { readable: !paused, on }) : []
  const words = { done: paused ? 'paused' : 'goes on', notDone: 'it reads back otherwise' }
  const code = go ? sayApplied(applied, words, context) : ExitCode.DONE
  if (go) context.say(`to undo it: mq groups ${paused ? 'resume' : 'pause'} -g ${group} ${request.topic}`)
  await printJson(request, target.found.found, { applied, parts })
  return code
}

async function requireTopic(name: string, { context, connection }: GroupParts): Promise<void> {
  const { client } = connection
  const topic = connection.wireName(name)
  const wait = invokeOptions(context)
  if ((await client.routes.refresh(topic, wait)) !== undefined) return
  const missing = new NotFoundError('topic', topic, `no such topic: ${name}`)
  throw await withTopicSuggestion(missing, new TopicAdmin(client, wait), connection)
}

/** From this version (5.0.0) on a broker can keep one topic from a group. */
const BANS_TOPICS = 413

/** An old broker would hand it out all the same. */
function refuseOld({ group, topic, paused }: TopicPause, { found }: GroupToChange, { connection }: GroupParts): void {
  const { remoting } = connection.client
  const old = found.found.find(({ master }) => (remoting.versionOf(master.address) ?? BANS_TOPICS) < BANS_TOPICS)
  if (!paused || old === undefined) return
  const message = `nothing was changed: ${old.master.brokerName} is older than 5.0 and cannot keep ${topic} alone from a group`
  throw new RefusedError(message, { suggestions: [`mq groups pause -g ${group} pauses all its topics`] })
}

async function printJson(
  request: TopicPause,
  found: readonly GroupOnBroker[],
  {
    applied,
    parts,
  }: { readonly applied: Awaited<ReturnType<GroupToChange['admin']['apply']>>; readonly parts: GroupParts },
): Promise<void> {
  if (!parts.flags.json) return
  const topic = parts.connection.wireName(request.topic)
  const brokers = found.map(({ master, banned }) => {
    const done = applied.find((one) => one.master === master)
    return {
      broker: master.brokerName,
      cluster: master.cluster,
      before: { paused: banned.includes(topic) },
      after: { paused: request.paused },
      applied: done !== undefined,
      verified: done?.verified ?? null,
    }
  })
  const head = { ...documentHead(parts.context), group: request.group, topic: request.topic }
  await stdoutWriter().write(`${jsonDocument({ ...head, brokers, applied: applied.length > 0 })}\n`)
}
