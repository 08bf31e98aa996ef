/** Where traces go unless they are sent elsewhere (`TopicValidator.RMQ_SYS_TRACE_TOPIC`). */
export const TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC'
/** The region of brokers that tell none; those before 5.0 put it on no message. */
export const DEFAULT_REGION = 'DefaultRegion'

/** One line of a trace, and what it is found by. */
export interface TraceRecord {
  readonly text: string
  readonly msgId: string
  readonly keys: readonly string[]
}

/** A message that was sent. */
export interface PubTrace {
  /** When it was sent, in epoch ms. */
  readonly timestamp: number
  readonly regionId: string
  readonly group: string
  readonly topic: string
  readonly msgId: string
  readonly tags: string | undefined
  readonly keys: readonly string[]
  /** `host:port` of the broker. */
  readonly storeHost: string
  readonly bodyBytes: number
  readonly millis: number
  readonly delayed: boolean
  readonly offsetMsgId: string
  readonly success: boolean
}

/** A message that is about to be consumed. */
export interface SubBeforeTrace {
  readonly timestamp: number
  readonly regionId: string
  readonly group: string
  /** The same before and after a call. */
  readonly requestId: string
  readonly msgId: string
  readonly retryTimes: number
  readonly keys: readonly string[]
}

/** What became of it. */
export interface SubAfterTrace extends Omit<SubBeforeTrace, 'regionId' | 'retryTimes'> {
  readonly millis: number
  readonly success: boolean
  /** The place of the return type in its Java enum. */
  readonly contextCode: number
}

const FIELD_END = '\u0001'
const RECORD_END = '\u0002'
/** `TraceMessageType`. */
const NORMAL_MESSAGE = 0
const DELAY_MESSAGE = 3

/** The records of traces as `TraceDataEncoder#encoderFromContextBean` writes them. */
export const traceRecord = {
  pub: (trace: PubTrace): TraceRecord =>
    record(trace, [
      'Pub',
      trace.timestamp,
      trace.regionId,
      trace.group,
      trace.topic,
      trace.msgId,
      // Java writes what it has none of as this word.
      trace.tags ?? 'null',
      keysText(trace.keys),
      trace.storeHost,
      trace.bodyBytes,
      Math.round(trace.millis),
      trace.delayed ? DELAY_MESSAGE : NORMAL_MESSAGE,
      trace.offsetMsgId,
      trace.success,
    ]),
  subBefore: (trace: SubBeforeTrace): TraceRecord =>
    record(trace, [
      'SubBefore',
      trace.timestamp,
      trace.regionId,
      trace.group,
      trace.requestId,
      trace.msgId,
      trace.retryTimes,
      keysText(trace.keys),
    ]),
  subAfter: (trace: SubAfterTrace): TraceRecord =>
    record(trace, [
      'SubAfter',
      trace.requestId,
      trace.msgId,
      Math.floor(trace.millis),
      trace.success,
      keysText(trace.keys),
      trace.contextCode,
      trace.timestamp,
      trace.group,
    ]),
} as const

function record(
  { msgId, keys }: { readonly msgId: string; readonly keys: readonly string[] },
  fields: readonly (string | number | boolean)[],
): TraceRecord {
  return { text: fields.map(plain).join(FIELD_END) + RECORD_END, msgId, keys }
}

function keysText(keys: readonly string[]): string {
  return keys.length === 0 ? 'null' : keys.join(' ')
}

/** No field may end its record. */
function plain(field: string | number | boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the separators
  return String(field).replace(/[\u0001\u0002]/g, '?')
}
