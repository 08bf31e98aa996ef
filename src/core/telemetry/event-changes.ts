import { type Change, nameQueues } from './changes.ts'
import type { TelemetryEvent } from './event.ts'

/** A change that an event tells of. */
export interface EventChange extends Change {
  readonly event: {
    /** What those have in common that may be told together. */
    readonly alike: string
    readonly topic: string
    /** BROKER:ID each. */
    readonly names: readonly string[]
    /** Behind the queues: of one event, and of several, after how many there were. */
    readonly one: string
    readonly many: string | undefined
    readonly times: number
    /** When the first of them was. */
    readonly since: number
  }
}

type Telling = Pick<Change, 'kind' | 'fact'> & {
  readonly fault?: boolean
  readonly one: string
  readonly many?: string
}

/** What an event is worth in a log; what comes with every message is worth nothing. */
export function eventChanges(event: TelemetryEvent): readonly EventChange[] {
  switch (event.type) {
    case 'rebalance':
      return rebalanced(event)
    case 'flow-control':
    case 'send-back':
    case 'lock':
    case 'reset':
      return [changeOf(event, event.topic, [event.queue], telling(event))]
    case 'error':
      return [failed(event)]
    case 'pull':
    case 'consume':
    case 'offset-persist':
      return []
  }
}

/** Two that are alike, as one. */
export function together(first: EventChange, second: EventChange): EventChange {
  const { event } = first
  const names = [...new Set([...event.names, ...second.event.names])]
  const times = event.times + second.event.times
  return told({ ...second, event: { ...second.event, names, times, since: event.since } })
}

type QueueEvent = Extract<TelemetryEvent, { readonly type: 'flow-control' | 'send-back' | 'lock' | 'reset' }>

function telling(event: QueueEvent): Telling {
  switch (event.type) {
    case 'flow-control':
      return event.held
        ? { kind: 'flow', fact: 'flow on', one: `waits for room: ${limits[event.limit]}` }
        : { kind: 'flow', fact: 'flow off', one: 'waits for room no more' }
    case 'send-back':
      return sentBack(event)
    case 'lock':
      return event.held
        ? { kind: 'lock', fact: 'lock on', one: 'has the lock of its broker' }
        : { kind: 'lock', fact: 'lock off', one: 'has no lock any more' }
    case 'reset':
      return { kind: 'reset', fact: 'reset', one: `goes on at ${event.offset}` }
  }
}

const limits = {
  count: 'it holds as many messages as it may',
  bytes: 'it holds as many bytes as it may',
  span: 'its offsets span as much as they may',
} as const

function sentBack({
  offset,
  reconsumeTimes,
  delayLevel,
}: Extract<QueueEvent, { readonly type: 'send-back' }>): Telling {
  if (delayLevel < 0) {
    const one = `offset ${offset} failed for the last time and is a dead letter`
    return { kind: 'dead-letters', fault: true, one, many: 'messages failed for the last time and are dead letters' }
  }
  const again = reconsumeTimes === 0 ? '' : `, as ${reconsumeTimes === 1 ? 'once' : `${reconsumeTimes} times`} before`
  return {
    kind: 'retry',
    one: `offset ${offset} failed and comes again${again}`,
    many: 'messages failed and come again',
  }
}

function rebalanced(event: Extract<TelemetryEvent, { readonly type: 'rebalance' }>): readonly EventChange[] {
  const { topic, gained, lost, members, clientId } = event
  const count = `${members} ${members === 1 ? 'member' : 'members'} now`
  const of = (names: readonly string[], how: string): readonly EventChange[] => {
    const one = `${how} by ${clientId}, ${count}`
    return names.length === 0 ? [] : [changeOf(event, topic, names, { kind: 'owner', fact: 'owner', one })]
  }
  return [...of(gained, 'taken'), ...of(lost, 'given up')]
}

/** What it happened to may be a queue, as the doctor of a queue has to know. */
function failed(event: Extract<TelemetryEvent, { readonly type: 'error' }>): EventChange {
  const { subject, message } = event
  const [topic = '', name = '', ...rest] = subject.split(' ')
  const isQueue = rest.length === 0 && /:-?\d+$/.test(name)
  const one = isQueue ? message : `${subject}: ${message}`
  return changeOf(event, isQueue ? topic : '', isQueue ? [name] : [], { kind: 'error', fault: true, one })
}

function changeOf(
  { at, group }: TelemetryEvent,
  topic: string,
  names: readonly string[],
  { kind, fact, fault = false, one, many }: Telling,
): EventChange {
  const alike = `${group} ${kind} ${topic} ${fault} ${many ?? one}`
  const event = { alike, topic, names, one, many, times: 1, since: at }
  return told({ at, group, kind, fault, text: '', queues: [], ...(fact && { fact }), event })
}

function told(change: EventChange): EventChange {
  const { topic, names, one, many, times } = change.event
  const where = names.length === 0 ? '' : ` ${nameQueues(topic, names)}`
  const what = times > 1 && many !== undefined ? `${times} ${many}` : one
  const often = many === undefined && times > Math.max(1, names.length) ? `, ${times} times` : ''
  const colon = change.kind === 'error' && where !== '' ? ':' : ''
  return {
    ...change,
    text: `${change.group}:${where}${colon} ${what}${often}`,
    queues: names.map((name) => `${topic} ${name}`),
  }
}
