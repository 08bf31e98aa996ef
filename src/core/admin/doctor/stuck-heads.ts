import { queueKey, RETRY_PREFIX } from '../../protocol/index.ts'
import type { Diagnosis, DoctorQuestion, QueueHead } from './diagnosis.ts'
import { type HeldQueue, heldQueues, sameQueue } from './held-queues.ts'
import { headMessage, type Look } from './look.ts'
import { memberRates } from './member-rates.ts'
import { queueText, span } from './words.ts'

/** A head that is taken again and again is told when it has been there for this long, if not sooner. */
const SUSPENDED_MS = 10_000

/** Why a queue does not move, and for how long it has not. */
interface Standstill {
  readonly kind: 'call' | 'overtaken' | 'suspended'
  readonly forMs: number
  /** Offsets behind it that are done with. */
  readonly done?: number
}

/**
 * D08: queues whose oldest message is not finished for too long though its turn has come. When something was last
 * consumed in the queue, which mqadmin looks at, stays fresh while messages behind a hanging one flow, and while an
 * orderly head fails again and again; and it is old where a head only waits for a thread of a slow member.
 */
export function stuckHeads(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, before, naming } = question
  const earlier = before === undefined ? undefined : heldQueues(before)
  const found = heldQueues(look).flatMap((held) => {
    const { head: offset } = held
    if (offset === undefined) return []
    const prior = earlier && sameQueue(earlier, held)
    if (earlier !== undefined && prior?.head !== offset) return []
    const message = headMessage(look, held.queue, offset)
    const ageMs = message && Math.max(0, look.at - message.storeTimestamp)
    const head = { queue: held.queue, offset, message, ageMs }
    const still = standstill(held, prior, { ...question, ageMs: ageMs ?? Number.POSITIVE_INFINITY })
    return still === undefined ? [] : [{ held, head, still }]
  })
  return found
    .sort((a, b) => b.still.forMs - a.still.forMs)
    .map(({ held, head, still }) => ({
      id: 'D08',
      severity: 'error' as const,
      subject: queueText(held.queue, naming),
      evidence: `${headText(head)}, ${held.clientId} ${seen(still, held)}`,
      cause: causes[still.kind],
      next: next(head, held, question),
      head,
      member: held.clientId,
    }))
}

type Given = DoctorQuestion & { readonly ageMs: number }

function standstill(held: HeldQueue, prior: HeldQueue | undefined, given: Given): Standstill | undefined {
  const { callMs } = memberRates(held.info)
  const limit = Math.max(given.stuckAfterMs, 2 * callMs)
  const quietMs = Math.max(0, held.now - held.held.lastConsumeTimestamp)
  if (held.orderly && held.held.transactionMsgCount > 0 && !takenAgain(held, prior)) {
    // One call a queue at a time: it runs since it was taken.
    if (Math.min(quietMs, given.ageMs) > limit) return { kind: 'call', forMs: Math.min(quietMs, given.ageMs) }
    if (prior !== undefined) return undefined
  }
  if (held.orderly && isSuspended(held, prior, given)) return { kind: 'suspended', forMs: finite(given.ageMs, quietMs) }
  const overtaken = overtakenMs(held, prior, given)
  if (overtaken > limit) return { kind: 'overtaken', forMs: overtaken, done: doneBehind(held, given.look) }
  const quiet = Math.min(quietMs, given.ageMs)
  if (quiet > limit && !waitsForThread(held, quietMs, given)) return { kind: 'call', forMs: quiet }
  return undefined
}

function finite(millis: number, otherwise: number): number {
  return Number.isFinite(millis) ? millis : otherwise
}

function takenAgain({ held }: HeldQueue, prior: HeldQueue | undefined): boolean {
  return prior !== undefined && held.lastConsumeTimestamp > prior.held.lastConsumeTimestamp
}

/** In order, what fails is taken again after a moment, which makes the time of the last take fresh. */
function isSuspended(held: HeldQueue, prior: HeldQueue | undefined, { stuckAfterMs, ageMs }: Given): boolean {
  if (ageMs < Math.min(SUSPENDED_MS, stuckAfterMs)) return false
  const failing = (held.info.statusTable.get(held.queue.topic)?.consumeFailedTPS ?? 0) > 0
  return prior === undefined || takenAgain(held, prior) || failing
}

/**
 * How long the head has been worked at while what is behind it was finished. Members do not tell how much that is: where
 * one has room to pull, it has pulled all there is, and what it does not hold any more it is done with.
 */
function overtakenMs(held: HeldQueue, prior: HeldQueue | undefined, given: Given): number {
  const { look, before } = given
  const gone = doneBehind(held, look)
  if (held.orderly || gone === 0 || !hasRoom(held) || (prior !== undefined && !hasRoom(prior))) return 0
  const arrived = before === undefined ? 0 : endOf(held, look) - endOf(held, before)
  const seen = before === undefined ? 0 : (1000 * arrived) / Math.max(1, look.at - before.at)
  // Where nothing came just now: what the member does a second, shared evenly among its queues.
  const { consumeOKTPS = 0, consumeFailedTPS = 0 } = held.info.statusTable.get(held.queue.topic) ?? {}
  const queues = held.info.mqTable.filter(([{ topic }]) => topic === held.queue.topic).length
  const perSecond = seen > 0 ? seen : (consumeOKTPS + consumeFailedTPS) / Math.max(1, queues)
  const upMs = held.now - Number(held.info.properties.get('PROP_CONSUMER_START_TIMESTAMP') ?? 0)
  return Math.min(upMs, given.ageMs, perSecond > 0 ? (1000 * gone) / perSecond : Number.POSITIVE_INFINITY)
}

/** Offsets behind the head that the member does not hold: finished, or passed over by a filter. */
function doneBehind(held: HeldQueue, look: Look): number {
  const { head = 0, held: info } = held
  return Math.max(0, endOf(held, look) - head - info.cachedMsgCount)
}

function endOf({ queue, head = 0 }: HeldQueue, { progress }: Look): number {
  const told = progress.queues.find((one) => queueKey(one.queue) === queueKey(queue))
  return told?.max ?? head
}

function hasRoom({ held, info }: HeldQueue): boolean {
  const limit = Number(info.properties.get('pullThresholdForQueue') ?? 0)
  return limit > 0 && held.cachedMsgCount < limit / 2
}

/**
 * Whether a head may still wait for its turn: all a member holds takes it so long, and twice that is granted. A member
 * that tells no rate yet, and has consumed something lately, may be one that is slow.
 */
function waitsForThread(held: HeldQueue, quietMs: number, { stuckAfterMs }: Given): boolean {
  const { perSecond, cached, threads = 1 } = memberRates(held.info)
  const isTaken = held.held.transactionMsgCount > 0 || cached <= threads
  if (isTaken || !isWorking(held, stuckAfterMs)) return false
  return perSecond === 0 || quietMs <= (2 * 1000 * cached) / perSecond
}

/** Something was taken or finished in any of its queues. */
function isWorking({ info, now }: HeldQueue, withinMs: number): boolean {
  return info.mqTable.some(([, { lastConsumeTimestamp }]) => now - lastConsumeTimestamp <= withinMs)
}

function headText({ offset, message, ageMs }: QueueHead): string {
  if (message === undefined || ageMs === undefined) return `offset ${offset} is its oldest unfinished message`
  const keys = message.keys.length === 0 ? '' : `, key ${message.keys.join(' ')}`
  return `message ${message.msgId} at ${offset}${keys}, stored ${span(ageMs)} ago, reconsumed ${message.reconsumeTimes} times`
}

function seen({ kind, forMs, done = 0 }: Standstill, { held }: HeldQueue): string {
  const waiting = held.cachedMsgCount + held.transactionMsgCount - 1
  const behind = waiting > 0 ? `, ${waiting} more wait there` : ''
  if (kind === 'suspended') return `takes it again and again${behind}`
  if (kind === 'overtaken') return `is at it for about ${span(forMs)}, and done with ${done} behind it${behind}`
  return `has not finished it for ${span(forMs)}${behind}`
}

const causes: Readonly<Record<Standstill['kind'], string>> = {
  call: 'the call of its listener does not come back, and nothing behind it is committed',
  overtaken:
    'the call of its listener does not come back; what is behind flows, but is not committed, and comes again after a restart',
  suspended: 'its listener fails on it, and in order nothing may pass it',
}

function next({ queue, offset, message }: QueueHead, held: HeldQueue, { naming }: DoctorQuestion): string {
  const { group, userName } = naming
  const look = `mq doctor -g ${group} --stack`
  const isRetry = queue.topic.startsWith(RETRY_PREFIX)
  const place = `${queue.brokerName}:${queue.queueId}`
  const show = message === undefined || isRetry ? '' : `; mq messages get ${userName(queue.topic)} ${place}:${offset}`
  const skip = held.orderly && !isRetry ? `; to skip it: ${skipText(naming, queue.topic, place, offset)}` : ''
  return `${look}${show}${skip}`
}

function skipText({ group, userName }: DoctorQuestion['naming'], topic: string, place: string, offset: number): string {
  return `mq offsets reset -g ${group} ${userName(topic)} --to ${place}=${offset + 1}`
}
