import {
  type ClientSnapshot,
  type GroupSnapshot,
  type QueueSnapshot,
  queueId,
  type ShownFinding,
} from '../../core/telemetry/index.ts'
import type { Row } from './row.ts'

/** What rows are compared by. */
export type SortValue = number | string

const worstFirst = ['TWOOWNERS', 'NOOWNER', 'BLOCK', 'STALL', 'NOLOCK', 'UNKNOWN', 'FLOW', 'PAUSED', 'BUSY', 'OK']

/** What a row is sorted by; `null`: it does not have it. */
export function sortValue(row: Row, by: string): SortValue | null {
  switch (row.kind) {
    case 'queue':
      return queueValue(row.queue, by)
    case 'client':
      return clientValue(row.client, by)
    case 'group':
      return groupValue(row.group, by)
    case 'finding':
      return findingValue(row.finding, by)
  }
}

function queueValue(queue: QueueSnapshot, by: string): SortValue | null {
  switch (by) {
    case 'lag':
      return queue.lag
    case 'cached':
      return queue.cached
    case 'size':
      return queue.cachedBytes
    case 'pressure':
      return queue.pressure?.used ?? null
    case 'age':
      return queue.oldestUnread === null ? null : -queue.oldestUnread
    case 'state':
      return worstFirst.length - worstFirst.indexOf(queue.state)
    case 'owner':
      return queue.owners[0] ?? null
    case 'name':
      return queueId(queue)
    default:
      return null
  }
}

function clientValue(client: ClientSnapshot, by: string): SortValue | null {
  switch (by) {
    case 'cached':
      return client.cached
    case 'size':
      return client.cachedBytes
    case 'queues':
      return client.queues
    case 'rate':
      return client.rates?.ok ?? null
    case 'state':
      return client.error === null ? 0 : 1
    case 'name':
    case 'owner':
      return client.clientId
    default:
      return null
  }
}

function groupValue({ group, totals, queues }: GroupSnapshot, by: string): SortValue | null {
  switch (by) {
    case 'lag':
      return totals.lag
    case 'cached':
      return totals.cached
    case 'rate':
      return totals.rates?.ok ?? null
    case 'queues':
      return queues.length
    case 'age':
      return totals.oldestUnread === null ? null : -totals.oldestUnread
    case 'name':
      return group
    default:
      return null
  }
}

function findingValue({ id, severity, subject }: ShownFinding, by: string): SortValue | null {
  switch (by) {
    case 'state':
      return severity === 'error' ? 1 : 0
    case 'name':
      return id
    case 'owner':
      return subject
    default:
      return null
  }
}
