import { type GroupDetails, groupDetails } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import { type ListFormat, listText, type PartialError } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { printableLines } from '../output/printable.ts'
import { stdoutWriter } from '../stdout.ts'
import { didYouMean } from '../suggest.ts'
import {
  type MemberItem,
  memberColumns,
  memberItem,
  type RunningItem,
  runningColumns,
  runningItem,
} from './member-items.ts'

/** What to show of a group. */
export interface ShowGroupRequest {
  readonly group: string
  /** Only this member, with how it stands. */
  readonly clientId: string | undefined
  /** What its threads do. */
  readonly stack: boolean
  readonly format: ListFormat
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/** Writes the members of a group, or one with how it stands. Resolves to the exit code: 6 when somebody did not answer. */
export async function showGroup(request: ShowGroupRequest, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const wait = invokeOptions(context)
  const { clientId, stack } = request
  const asked = { group: connection.wireName(request.group), clientId, stack }
  const details = await groupDetails(connection.client, asked, wait)
  const [error] = details.errors
  // One that answers may be all there is to know of a group nobody is in.
  const nobodyTold = details.clientIds.length === 0 && details.errors.length >= details.brokers.masters.length
  if (error !== undefined && nobodyTold) throw error.error
  if (details.clientIds.length === 0) await requireGroup({ ...details, queues: [] }, connection, wait)
  if (clientId === undefined) await printMembers(request, details, parts)
  else await printMember(request, details, { ...parts, clientId })
  return details.errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

async function printMembers(request: ShowGroupRequest, details: GroupDetails, parts: Parts): Promise<void> {
  const { context, connection } = parts
  const items = details.members.map((member) => memberItem(member, (name) => connection.userName(name)))
  const list = {
    name: 'members',
    items,
    columns: memberColumns,
    errors: errorsOf(details),
    more: head(request, details),
  }
  await printList(list, request.format, context)
  if (request.format === 'table' || request.format === 'wide') {
    const { messageModel, consumeType } = details
    const how = [messageModel, consumeType].filter((text) => text !== undefined).join(', ')
    context.say(items.length === 0 ? `${request.group}: nobody is online` : `${items.length} online, ${how}`)
  }
}

function head({ group }: ShowGroupRequest, { messageModel, consumeType, clientIds }: GroupDetails) {
  return {
    group,
    online: clientIds.length > 0,
    messageModel: messageModel ?? null,
    consumeType: consumeType ?? null,
  }
}

function errorsOf({ errors }: GroupDetails): PartialError[] {
  return errors.map(({ source, error }) => ({ source, message: error.message }))
}

async function printMember(
  request: ShowGroupRequest,
  details: GroupDetails,
  { context, connection, clientId }: Parts & { readonly clientId: string },
): Promise<void> {
  const [member] = details.members
  if (member === undefined) {
    const [error] = details.errors
    if (error !== undefined) throw error.error
    const message = `${request.group} has no member ${clientId}`
    throw new NotFoundError('client', clientId, message, { suggestions: didYouMean(clientId, details.clientIds) })
  }
  const userName = (name: string): string => connection.userName(name)
  const running = member.info && runningItem(member.info, userName)
  const item = { ...memberItem(member, userName), running: running ?? null }
  const list = { name: 'members', items: [item], columns: memberColumns, errors: errorsOf(details) }
  if (request.format === 'table' || request.format === 'wide') {
    await stdoutWriter().write(await memberText(item, request, context))
    for (const { source, message } of list.errors) context.say(`not complete: ${source}: ${message}`)
  } else {
    await printList({ ...list, more: head(request, details) }, request.format, context)
  }
  if (member.silent === 'unable') context.say(`${clientId} answers no such question: its language does not tell`)
}

/** The parts of a member one below the other. */
async function memberText(
  item: MemberItem & { readonly running: RunningItem | null },
  { format, stack }: ShowGroupRequest,
  context: CommandContext,
): Promise<string> {
  const { running } = item
  const parts = [await listText({ name: 'members', items: [item], columns: memberColumns }, format, context)]
  if (running !== null) {
    const queues = { name: 'queues', items: running.queues, columns: runningColumns }
    if (running.queues.length > 0) parts.push(await listText(queues, format, context))
    const properties = Object.entries(running.properties).sort(([a], [b]) => (a < b ? -1 : 1))
    const columns = [
      { head: 'PROPERTY', value: ([name]: readonly [string, string]) => name },
      { head: 'VALUE', value: ([, value]: readonly [string, string]) => value },
    ]
    parts.push(await listText({ name: 'properties', items: properties, columns }, format, context))
    if (stack) parts.push(`${printableLines((running.stack ?? 'it does not tell its stack').trimEnd())}\n`)
  }
  return parts.join('\n')
}
