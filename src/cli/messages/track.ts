import { type MessageCopy, type TrackedMessage, trackMessage } from '../../core/admin/index.ts'
import { checkGroupName, type MessageExt } from '../../core/protocol/index.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { type LookUpRequest, lookUp, type MessageParts } from './look-up.ts'
import { requireKnownGroup } from './require-known-group.ts'

/** What to follow. */
export interface TrackRequest extends LookUpRequest {
  /** Only in this group. */
  readonly group: string | undefined
  readonly format: ListFormat
}

/** What became of one message in one group, as JSON shows it. */
export interface TrackItem {
  readonly msgId: string
  readonly broker: string
  readonly queue: number
  readonly offset: number
  readonly group: string
  readonly online: boolean
  readonly state: string
  readonly retries: number | null
  readonly maxRetries: number | null
  /** Messages of its queue that come before it. */
  readonly ahead: number | null
  readonly committed: number | null
  /** Where its copies are that were sent back. */
  readonly copies: readonly CopyItem[]
  readonly detail: string
}

interface CopyItem {
  readonly kind: MessageCopy['kind']
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly offset: number
  readonly offsetMsgId: string
  readonly storeTime: string
  readonly reconsumeTimes: number
}

const columns: readonly Column<TrackItem>[] = [
  { head: 'MESSAGE', value: ({ broker, queue, offset }) => `${broker}:${queue}:${offset}` },
  { head: 'MSGID', value: ({ msgId }) => msgId, wide: true },
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'ONLINE', value: ({ online }) => (online ? 'yes' : 'no') },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'COMMITTED', value: ({ committed }) => committed ?? undefined, wide: true },
  { head: 'DETAIL', value: ({ detail }) => detail },
]

/** Tells what became of messages in each group. Resolves to the exit code: 6 when somebody did not answer. */
export async function trackMessages(request: TrackRequest, parts: MessageParts): Promise<number> {
  const { context, connection } = parts
  const group = request.group === undefined ? undefined : connection.wireName(request.group)
  if (group !== undefined) checkGroupName(group)
  const { messages, errors: missing } = await lookUp(request, parts)
  if (group !== undefined) await requireKnownGroup(group, parts)
  const wait = invokeOptions(context)
  const items: TrackItem[] = []
  const errors = new Map(missing.map(({ source, error }) => [source, error.message]))
  for (const message of messages) {
    const track = await trackMessage(connection.client, { message, group }, wait)
    const owned = track.groups.filter((one) => connection.owns(one.group))
    items.push(...owned.map((one) => trackItem(message, one, connection)))
    for (const { source, error } of track.errors) errors.set(source, error.message)
  }
  const told = [...errors].map(([source, message]) => ({ source, message }))
  await printList({ name: 'groups', items, columns, errors: told }, request.format, context)
  if (messages.length > 0 && items.length === 0 && told.length === 0) {
    context.say(`no group has to do with ${request.topic}`)
  }
  return told.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function trackItem(message: MessageExt, tracked: TrackedMessage, connection: Pick<Connection, 'userName'>): TrackItem {
  const { fate, copies, committed, online, maxRetries } = tracked
  return {
    msgId: message.msgId,
    broker: message.brokerName,
    queue: message.queueId,
    offset: message.queueOffset,
    group: connection.userName(tracked.group),
    online,
    state: fate.state,
    retries: 'retries' in fate ? fate.retries : null,
    maxRetries: maxRetries ?? null,
    ahead: 'ahead' in fate ? (fate.ahead ?? null) : null,
    committed: committed ?? null,
    copies: copies.map((copy) => copyItem(copy, connection)),
    detail: fateText(tracked),
  }
}

function copyItem({ kind, message }: MessageCopy, connection: Pick<Connection, 'userName'>): CopyItem {
  return {
    kind,
    topic: connection.userName(message.storedTopic),
    broker: message.brokerName,
    queue: message.queueId,
    offset: message.queueOffset,
    offsetMsgId: message.offsetMsgId,
    storeTime: new Date(message.storeTimestamp).toISOString(),
    reconsumeTimes: message.reconsumeTimes,
  }
}

/** The fate in words. */
function fateText({ fate, maxRetries, traceable }: Pick<TrackedMessage, 'fate' | 'maxRetries' | 'traceable'>): string {
  switch (fate.state) {
    case 'passed':
      if (!traceable) return 'passed by; without an id of its producer or a key, retries of it cannot be found'
      return fate.retries === 0 ? 'consumed' : `consumed, as retry ${fate.retries}`
    case 'filtered':
      return `passed by: the group wants '${fate.by}' only`
    case 'retry':
      return `retry ${fate.retries}${maxRetries === undefined ? '' : ` of ${maxRetries}`}, ${retryText(fate)}`
    case 'dead-letter':
      return `given up after ${Math.max(0, fate.retries - 1)} retries`
    case 'waiting':
      return `${fate.ahead === 0 ? 'it is the next' : `${fate.ahead} ahead`}${fate.filtered ? '; it will be filtered' : ''}`
    case 'no-commit':
      return 'the group has committed nothing in its queue'
    case 'broadcasting':
      return 'each member keeps to itself how far it is'
    case 'unknown':
      return fate.why
  }
}

function retryText({ due, ahead }: { readonly due: boolean; readonly ahead: number | undefined }): string {
  if (!due) return 'waiting for its time'
  return ahead === undefined ? 'ready' : `${ahead} ahead`
}
