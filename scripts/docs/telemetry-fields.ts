import type {
  ClientSnapshot,
  Counts,
  FlowLimits,
  GroupSnapshot,
  GroupTotals,
  Latency,
  Pressure,
  QueueSnapshot,
  QueueState,
  Rates,
  Snapshot,
  SnapshotError,
  TelemetryEvent,
  TelemetryEventType,
} from '../../src/core/telemetry/index.ts'

// What docs/telemetry.md says of every event and field. The types see to it that none is missing and none too many.

type Texts<T> = { readonly [Field in keyof T]-?: string }
type Own<T extends TelemetryEventType> = Omit<
  Extract<TelemetryEvent, { type: T }>,
  'type' | 'at' | 'group' | 'clientId'
>

const topic = 'as the user calls it'
const queue = 'BROKER:ID'
const millis = 'how long it took, in ms'

/** When each event comes, and its own fields. */
export const eventTexts: {
  readonly [T in TelemetryEventType]: { readonly when: string; readonly fields: Texts<Own<T>> }
} = {
  rebalance: {
    when: 'A pass has taken or given up queues of a topic. Queues whose old owner still has them come with a later one.',
    fields: {
      topic,
      gained: 'queues taken since the last one, BROKER:ID each',
      lost: 'queues given up since the last one',
      members: 'of the group, as a broker listed them',
    },
  },
  pull: {
    when: 'A broker has answered a pull, or a pop that brought messages.',
    fields: {
      topic,
      queue: 'BROKER:ID; BROKER:-1 is a pop of any queue of the broker',
      offset: 'that was asked for; -1 for a pop',
      outcome: 'FOUND, NO_NEW_MSG, NO_MATCHED_MSG, OFFSET_MOVED; POPPED',
      messages: 'how many it brought, after all filters',
      millis: 'from the question to the answer, in ms; a broker holds a question up to 15 s while there is nothing',
    },
  },
  'flow-control': {
    when: 'Pulling a queue begins to wait for room, or goes on.',
    fields: {
      topic,
      queue,
      limit: 'which one it is: count, bytes or span',
      held: 'true when the waiting begins, false when it ends',
    },
  },
  consume: {
    when: 'Listener calls have ended. Calls that answer at once come together, up to 32 in one event.',
    fields: {
      topic,
      queue,
      ok: 'messages consumed',
      failed: 'messages failed',
      millis: 'how long the calls took together, in ms',
    },
  },
  'send-back': {
    when: 'A broker has taken a failed message back, to bring it again or as a dead letter.',
    fields: {
      topic: 'that it was pulled from: the retry topic, when it had failed before',
      queue,
      offset: 'of the message in that queue',
      reconsumeTimes: 'how often it had come again before',
      delayLevel: '0: longer each time; -1: it is a dead letter',
    },
  },
  'offset-persist': {
    when: 'Offsets were stored at the brokers, or in the file of a broadcasting consumer.',
    fields: { queues: 'how many', failed: 'of how many that failed; it is tried again with the next', millis },
  },
  lock: {
    when: "In order only: the broker's lock of a queue was got, given back or lost.",
    fields: { topic, queue, held: 'whether it is ours now' },
  },
  reset: {
    when: 'A queue goes on at another offset, because somebody reset the group or the broker has not what was asked for.',
    fields: { topic, queue, offset: 'where it goes on' },
  },
  error: {
    when: 'Something failed that is tried again: a pull, a listener call that threw.',
    fields: {
      subject: 'what it happened to, e.g. orders broker-a:0',
      code: 'of our errors (UNREACHABLE, TIMEOUT, RESPONSE …), else UNKNOWN',
      message: 'what a person may read',
    },
  },
}

/** The fields that every event has. */
export const commonTexts: Texts<Pick<TelemetryEvent, 'type' | 'at' | 'group' | 'clientId'>> = {
  type: 'which event it is',
  at: 'when, in ms since 1970',
  group: 'as the user calls it',
  clientId: 'of the member',
}

/** The objects a snapshot is made of. */
export const snapshotTexts = {
  Snapshot: {
    schemaVersion: '1; a reader refuses another',
    asOf: 'when it was taken',
    source: 'who has looked: process, feed or relay',
    cluster: 'as a person would call it',
    groups: 'of GroupSnapshot',
    partial: 'somebody did not answer',
    errors: 'who, of SnapshotError',
  } satisfies Texts<Snapshot>,
  SnapshotError: { subject: 'a broker, client id or name server', message: 'why' } satisfies Texts<SnapshotError>,
  GroupSnapshot: {
    group: 'as the user calls it',
    online: 'it has members',
    messageModel: 'CLUSTERING or BROADCASTING',
    clients: 'of ClientSnapshot; from a process or its feed only that one',
    queues: 'of QueueSnapshot; from a process or its feed only those it holds',
    totals: 'GroupTotals',
  } satisfies Texts<GroupSnapshot>,
  GroupTotals: {
    lag: 'messages stored and not committed, without the retry topic',
    retryLag: 'the same of the retry topic',
    dlq: 'dead letters; not known to a process',
    cached: 'pulled and not finished',
    cachedBytes: 'their bytes',
    inflight: 'handed to a listener and not finished',
    oldestUnread: 'when the oldest unread message was stored',
    rates: 'Rates',
  } satisfies Texts<GroupTotals>,
  Rates: {
    in: 'pulled',
    ok: 'consumed',
    failed: 'failed; messages per second over the last ten seconds',
  } satisfies Texts<Rates>,
  ClientSnapshot: {
    clientId: 'the member',
    address: 'its address',
    language: 'as it calls itself: JAVA, GO; OTHER is ours',
    version: 'of the protocol it speaks',
    orderly: 'it consumes in order',
    strategy: 'how it shares queues',
    concurrency: 'listener calls at once',
    limits: 'FlowLimits',
    queues: 'how many it holds',
    cached: 'sum over them',
    cachedBytes: 'sum over them',
    rates: 'Rates',
    counts: 'Counts; from a process or its feed only',
    consumeMillis: 'a listener call takes, on average of the last minute',
    error: 'why it has told nothing of itself',
    toldAt: 'when it told this, where that is older than the snapshot',
  } satisfies Texts<ClientSnapshot>,
  Counts: { in: 'pulled', ok: 'consumed', failed: 'failed; messages since the start' } satisfies Texts<Counts>,
  FlowLimits: { count: 'messages', bytes: 'bytes', span: 'offsets; null in order' } satisfies Texts<FlowLimits>,
  QueueSnapshot: {
    topic,
    broker: 'its name',
    queue: 'its number; -1: popped, any of the broker',
    owners: 'client ids',
    min: 'its first offset',
    max: 'one past its last; from a process as the last answer to a pull told it, and as its broker says every 5 s where it is not pulled',
    committed: 'the offset that is stored, or about to be',
    lag: 'max − committed',
    oldestUnread: 'when the oldest unread message was stored',
    cached: 'pulled and not finished',
    cachedBytes: 'their bytes',
    span: 'from the lowest unfinished to the highest pulled offset',
    inflight: 'handed to a listener and not finished',
    headOffset: 'the lowest unfinished offset: what everything else waits for',
    headSince: 'since when it has been that; to the second',
    locked: "holds the broker's lock; null where none is needed",
    paused: 'on purpose',
    lastPull: 'when a broker was last asked',
    lastConsume: 'when a message was last handed to a listener',
    pressure: 'Pressure',
    state: 'see below',
    latency: 'Latency, measured while somebody watches',
    toldAt: 'when its broker told its offsets, where that is older than the snapshot',
  } satisfies Texts<QueueSnapshot>,
  Pressure: {
    limit: 'count, bytes or span: the one that bites first',
    used: 'its share, 0 to 1 and beyond',
  } satisfies Texts<Pressure>,
  Latency: {
    p50: 'of listener calls of the last minute, in ms, to 9 %',
    p95: 'the same',
    p99: 'the same',
    max: 'the longest',
  } satisfies Texts<Latency>,
} as const

/** The states of a queue, the worst first: the first one that holds is shown. */
export const stateTexts: Texts<Record<QueueState, string>> = {
  NOOWNER: 'nobody holds it',
  TWOOWNERS: 'several hold it: a fault, or a rebalance',
  UNKNOWN: 'its owner or its broker did not answer',
  NOLOCK: "consumed in order, and without the broker's lock",
  BLOCK: 'its head has not moved for a minute',
  PAUSED: 'on purpose',
  FLOW: 'the pull stands still at a limit of flow control',
  STALL: 'there is something to read, and nobody has pulled for a minute',
  BUSY: 'messages wait for a listener: all its calls are being made, the head waits for a second or more, or half of a limit is used',
  OK: 'nothing waits, or it flows',
}
