import {
  changedSettings,
  deleteTopic,
  type FoundTopic,
  findTopic,
  type GroupOnBroker,
  type GroupSettings,
  groupDetails,
  type Master,
  messagesIn,
} from '../../core/admin/index.ts'
import { RefusedError } from '../../core/errors.ts'
import { dlqTopic, type GroupConfig, groupConfigShape, retryTopic } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import { confirm } from '../confirm.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Snapshot } from '../offsets/snapshot.ts'
import { takeSnapshot } from '../offsets/take-snapshot.ts'
import { saveUndo } from '../offsets/undo-store.ts'
import { jsonDocument } from '../output/json.ts'
import { documentHead } from '../output/list.ts'
import { showProgress } from '../progress.ts'
import { stdoutWriter } from '../stdout.ts'
import { sayApplied } from './applied.ts'
import { findGroup, type GroupParts, type GroupToChange } from './find-group.ts'

/** Which group to delete, and what else of it. */
export interface DeleteGroupRequest {
  readonly group: string
  /** What it has committed. */
  readonly offsets: boolean
  /** Its retry and dead-letter topics. */
  readonly topics: boolean
  /** How long to look whether it stays away. */
  readonly verifyMs: number
}

/** What is there of a group. */
interface Remains {
  readonly snapshot: Snapshot
  /** Its retry and dead-letter topics that are there, as brokers have them. */
  readonly topics: readonly { readonly topic: string; readonly found: FoundTopic }[]
}

/**
 * Deletes a group on every broker after a review; one that is online is refused. Says what stays of it. Resolves to the
 * exit code: 6 when a broker did not do it.
 */
export async function deleteGroup(request: DeleteGroupRequest, parts: GroupParts): Promise<number> {
  const { context } = parts
  const target = await findGroup(request.group, parts)
  const { name, group, admin, found } = target
  const online = await onlineRefusal(target, parts)
  if (online !== undefined && !parts.flags['dry-run']) throw online
  const remains = await whatIsThere(target, parts)
  const having = found.found.filter(({ config }) => config !== undefined)
  for (const line of planLines(request, having, { remains, parts })) context.say(line)
  if (online !== undefined) context.say(`it would be refused: ${online.message}`)
  const go = await confirm({ question: 'Delete the group?', name }, parts.flags, parts)
  if (!go) {
    await printJson(request, { having, remains, parts, undo: undefined, left: undefined })
    return ExitCode.DONE
  }
  const undo = request.offsets && committed(remains) > 0 ? saveUndo(remains.snapshot, context.env) : undefined
  for (const line of undoLines(name, having, undo)) context.say(line)
  const masters = having.map(({ master }) => master)
  const applied = await admin.delete(group, masters, { offsets: request.offsets })
  const code = sayApplied(applied, { done: 'deleted', notDone: 'it has the group still' }, context)
  const left = applied.filter(({ verified }) => !verified).map(({ master }) => master.brokerName)
  if (request.topics) left.push(...(await deleteTopics(remains, parts)))
  if (left.length === 0) await keepAway(request, target, { masters, context })
  await printJson(request, { having, remains, parts, undo: undo?.file, left })
  return left.length > 0 ? ExitCode.PARTIAL : code
}

/** Deletes the topics of a group. Resolves to where one is left. */
async function deleteTopics({ topics }: Remains, { connection, context }: GroupParts): Promise<readonly string[]> {
  const left: string[] = []
  for (const { topic, found } of topics) {
    const places = { masters: found.having.map(({ master }) => master), wait: invokeOptions(context) }
    const failed = (await deleteTopic(connection.client, topic, places)).filter(({ gone }) => !gone)
    context.say(`${connection.userName(topic)}: ${failed.length === 0 ? 'deleted' : 'not gone everywhere'}`)
    for (const { source, error } of failed) {
      context.say(`  ${source}: ${error?.message ?? 'has it still'}`)
      left.push(source)
    }
  }
  return left
}

/** What the last member has left behind at the brokers may bring the group back. */
async function keepAway(
  { offsets, verifyMs }: DeleteGroupRequest,
  { name, group, admin }: GroupToChange,
  { masters, context }: { readonly masters: readonly Master[]; readonly context: CommandContext },
): Promise<void> {
  const forMs = Math.min(verifyMs, context.deadline.remainingMs() ?? verifyMs)
  const stop = showProgress(
    context,
    () => 'looking whether it stays away: a pull that was left behind would bring it back',
  )
  try {
    for (const broker of await admin.keepAway(group, masters, { offsets, forMs })) {
      context.say(`${broker}: a pull that was left behind brought ${name} back; it was deleted again`)
    }
  } finally {
    stop()
  }
}

/** Members that go on would make the group anew, with the brokers' defaults. */
async function onlineRefusal(
  { name, group }: GroupToChange,
  { connection, context }: GroupParts,
): Promise<RefusedError | undefined> {
  const { clientIds, errors } = await groupDetails(connection.client, { group }, invokeOptions(context))
  if (clientIds.length === 0) {
    const [missing] = errors
    if (missing !== undefined) throw missing.error
    return undefined
  }
  const some = clientIds.slice(0, 3).join(', ')
  const more = clientIds.length > 3 ? `, … (${clientIds.length})` : ''
  return new RefusedError(`nothing was changed: ${name} is online: ${some}${more}`, {
    suggestions: [
      'stop its members first: they would make the group anew',
      `mq groups pause -g ${name} lets them wait`,
    ],
  })
}

async function whatIsThere({ name, group }: GroupToChange, parts: GroupParts): Promise<Remains> {
  const { client } = parts.connection
  const snapshot = await takeSnapshot({ groups: [name], topic: undefined, times: false }, parts)
  const topics = [retryTopic(group), dlqTopic(group)].map(async (topic) => {
    const found = await findTopic(client, topic, invokeOptions(parts.context))
    const [missing] = found.errors
    if (missing !== undefined) throw missing.error
    return { topic, found }
  })
  const there = (await Promise.all(topics)).filter(({ found }) => found.having.length > 0)
  return { snapshot: { ...snapshot, reason: `before groups delete ${name}` }, topics: there }
}

/** Queues the group has committed in. */
function committed({ snapshot }: Remains): number {
  return snapshot.groups.flatMap(({ queues }) => queues).filter(({ offset }) => offset !== null).length
}

function messages(found: FoundTopic): number {
  return found.having.reduce((sum, onBroker) => sum + (messagesIn(onBroker) ?? 0), 0)
}

function planLines(
  { group, offsets, topics }: DeleteGroupRequest,
  having: readonly GroupOnBroker[],
  { remains, parts }: { readonly remains: Remains; readonly parts: GroupParts },
): string[] {
  const queues = committed(remains)
  const kept = `its offsets in ${queues} queues stay, and a new group of that name goes on there (--with-offsets deletes them)`
  return [
    ...having.map(({ master }) => `${master.brokerName} (${master.cluster}): delete group ${group}`),
    ...(queues === 0 ? [] : [offsets ? `delete its offsets in ${queues} queues` : kept]),
    ...remains.topics.map(({ topic, found }) => {
      const text = `${parts.connection.userName(topic)} with ${messages(found)} messages`
      return topics ? `delete ${text}` : `${text} stays (--with-topics deletes it)`
    }),
  ]
}

function undoLines(
  name: string,
  having: readonly GroupOnBroker[],
  undo: { readonly id: string; readonly file: string } | undefined,
): string[] {
  const commands = new Set(having.map(({ config }) => createCommand(name, config)))
  const then = undo === undefined ? '' : `, then: mq offsets undo ${undo.id}`
  return [
    ...(undo === undefined ? [] : [`kept what was there in ${undo.file}`]),
    `to undo it: ${[...commands].join(' or ')}${then}`,
  ]
}

function createCommand(name: string, config: GroupConfig | undefined): string {
  const fresh = groupConfigShape.read(new Map([['groupName', name]]), 'group')
  const settings: GroupSettings = config ?? fresh
  const sets = changedSettings(fresh, settings).map((setting) => ` --set ${setting}=${String(settings[setting])}`)
  return `mq groups create -g ${name}${sets.join('')}`
}

async function printJson(
  { group, offsets, topics }: DeleteGroupRequest,
  outcome: {
    readonly having: readonly GroupOnBroker[]
    readonly remains: Remains
    readonly parts: GroupParts
    readonly undo: string | undefined
    /** Where something is left; `undefined`: nothing was done. */
    readonly left: readonly string[] | undefined
  },
): Promise<void> {
  const { having, remains, parts, undo, left } = outcome
  if (!parts.flags.json) return
  const brokers = having.map(({ master }) => ({
    broker: master.brokerName,
    cluster: master.cluster,
    applied: left !== undefined,
    verified: left === undefined ? null : !left.includes(master.brokerName),
  }))
  const of = remains.topics.map(({ topic, found }) => ({
    topic: parts.connection.userName(topic),
    messages: messages(found),
    deleted: topics && left !== undefined,
  }))
  const offsetsOf = { queues: committed(remains), deleted: offsets && left !== undefined }
  const document = { ...documentHead(parts.context), group, brokers, offsets: offsetsOf, topics: of }
  await stdoutWriter().write(
    `${jsonDocument({ ...document, applied: left !== undefined, left: left ?? [], undo: undo ?? null })}\n`,
  )
}
