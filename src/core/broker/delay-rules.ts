import { PropertyName, ResponseCode } from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'
import { requireStorable } from './send-rules.ts'
import { type DelayLevels, SCHEDULE_TOPIC, TIMER_TOPIC } from './store/delay-levels.ts'
import type { IncomingMessage } from './store/message-store.ts'

const DELAY_SECONDS = 'TIMER_DELAY_SEC'
const DELAY_MS = 'TIMER_DELAY_MS'
const DELIVER_MS = 'TIMER_DELIVER_MS'
const OUT_MS = 'TIMER_OUT_MS'

/** Java's `timerMaxDelaySec`. */
const MAX_TIMER_MS = 3 * 86_400_000

/**
 * A message as it waits, if it is to come later: with a delay level in the schedule topic, with a time of its own in the
 * timer topic; any other one as it is (`HookUtils#handleScheduleMessage`). Throws SYSTEM_ERROR for a delay that is not a
 * number and MESSAGE_ILLEGAL for a time too far ahead.
 */
export function delayed(message: IncomingMessage, levels: DelayLevels, nowMs: number): IncomingMessage {
  const level = levels.clamp(numberOf(message, PropertyName.DELAY) ?? 0)
  if (level > 0) {
    const dueMs = nowMs + levels.delayMsOf(level)
    const kept = new Map(message.properties).set(PropertyName.DELAY, String(level))
    for (const name of [DELAY_SECONDS, DELAY_MS, DELIVER_MS]) kept.delete(name)
    return waiting({ ...message, properties: kept }, { topic: SCHEDULE_TOPIC, queueId: level - 1, level, dueMs })
  }
  const dueMs = timeOf(message, nowMs)
  if (dueMs === undefined || dueMs <= nowMs) return message
  if (dueMs > nowMs + MAX_TIMER_MS) {
    const remark = `timer message illegal, the delay time should not be bigger than the max delay ${MAX_TIMER_MS} ms`
    throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
  }
  const properties = new Map(message.properties).set(OUT_MS, String(dueMs))
  return waiting({ ...message, properties }, { topic: TIMER_TOPIC, queueId: 0, level: 0, dueMs })
}

function waiting(
  message: IncomingMessage,
  place: { readonly topic: string; readonly queueId: number; readonly level: number; readonly dueMs: number },
): IncomingMessage {
  const properties = new Map(message.properties)
    .set(PropertyName.REAL_TOPIC, message.topic)
    .set(PropertyName.REAL_QID, String(message.queueId))
  requireStorable(properties)
  const { topic, queueId, level, dueMs } = place
  return { ...message, topic, queueId, properties, wait: { level, dueMs } }
}

/** When a message with a time of its own is due; the first of the properties counts. */
function timeOf(message: IncomingMessage, nowMs: number): number | undefined {
  const seconds = numberOf(message, DELAY_SECONDS)
  if (seconds !== undefined) return nowMs + seconds * 1000
  const delayMs = numberOf(message, DELAY_MS)
  return delayMs === undefined ? numberOf(message, DELIVER_MS) : nowMs + delayMs
}

function numberOf({ properties }: IncomingMessage, name: string): number | undefined {
  const text = properties.get(name)
  if (text === undefined) return undefined
  const number = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `the property ${name} is no number: '${text.slice(0, 40)}'`)
}
