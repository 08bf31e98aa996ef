import type { Diagnosis, QueueHead } from '../../core/admin/index.ts'
import type { Column } from '../output/list.ts'

/** A finding as `doctor` tells it. */
export interface FindingItem {
  readonly id: string
  readonly severity: string
  readonly subject: string
  readonly evidence: string
  readonly cause: string
  readonly next: string
  readonly group: string
  /** The message a stuck queue stands at. */
  readonly head?: HeadItem
  /** The member it is about. */
  readonly member?: string
  /** What the member's threads do, if asked for. */
  readonly stack?: string
}

/** A message a queue stands at; `null`: it could not be read. */
export interface HeadItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly offset: number
  readonly msgId: string | null
  readonly keys: readonly string[] | null
  readonly storeTime: string | null
  readonly ageMs: number | null
  readonly reconsumeTimes: number | null
}

/** A finding for people and programs. */
export function findingItem(
  finding: Diagnosis,
  { group, userName, stack }: { group: string; userName: (name: string) => string; stack: string | undefined },
): FindingItem {
  const { id, severity, subject, evidence, cause, next, head, member } = finding
  return {
    id,
    severity,
    subject,
    evidence,
    cause,
    next,
    group,
    ...(head && { head: headItem(head, userName) }),
    ...(member !== undefined && { member }),
    ...(stack !== undefined && { stack }),
  }
}

function headItem({ queue, offset, message, ageMs }: QueueHead, userName: (name: string) => string): HeadItem {
  return {
    topic: userName(queue.topic),
    broker: queue.brokerName,
    queue: queue.queueId,
    offset,
    msgId: message?.msgId ?? null,
    keys: message?.keys ?? null,
    storeTime: message === undefined ? null : new Date(message.storeTimestamp).toISOString(),
    ageMs: ageMs ?? null,
    reconsumeTimes: message?.reconsumeTimes ?? null,
  }
}

/** The columns of a table of findings; of several groups, each with its name. */
export function findingColumns(several: boolean): readonly Column<FindingItem>[] {
  return [
    { head: 'ID', value: ({ id }) => id },
    { head: 'SEVERITY', value: ({ severity }) => severity },
    ...(several ? [{ head: 'GROUP', value: ({ group }: FindingItem) => group }] : []),
    { head: 'SUBJECT', value: ({ subject }) => subject },
    { head: 'EVIDENCE', value: ({ evidence }) => evidence },
    { head: 'CAUSE', value: ({ cause }) => cause, wide: true },
    { head: 'NEXT', value: ({ next }) => next, wide: true },
  ]
}
