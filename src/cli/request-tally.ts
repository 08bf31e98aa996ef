import { operations } from '../core/protocol/index.ts'
import type { Exchange } from '../core/remoting/index.ts'

interface Row {
  count: number
  failed: number
  sum: number
  max: number
}

/** Counts the requests of a command, for `--debug`: by whom was asked and what for. */
export class RequestTally {
  /** By address, then by operation, in the order they came first. */
  readonly #rows = new Map<string, Map<string, Row>>()

  add({ operation, address, millis, failed }: Exchange): void {
    let rows = this.#rows.get(address)
    if (rows === undefined) this.#rows.set(address, (rows = new Map<string, Row>()))
    let row = rows.get(operation)
    if (row === undefined) rows.set(operation, (row = { count: 0, failed: 0, sum: 0, max: 0 }))
    row.count += 1
    if (failed) row.failed += 1
    row.sum += millis
    row.max = Math.max(row.max, millis)
  }

  /** A line for each address and operation with how long the answers took; none when nothing was asked. */
  lines(): readonly string[] {
    return [...this.#rows].flatMap(([address, rows]) => {
      const total = [...rows.values()].reduce((sum, { count }) => sum + count, 0)
      return [
        `requests to ${address}: ${total}`,
        ...[...rows].map(([operation, row]) => `  ${rowText(operation, row)}`),
      ]
    })
  }
}

function rowText(operation: string, { count, failed, sum, max }: Row): string {
  const mean = (sum / count).toFixed(1)
  const times = count === 1 ? `${mean} ms` : `${mean} ms each, ${max.toFixed(1)} ms at most`
  return `${codeOf(operation)} ${operation} ×${count}: ${times}${failed === 0 ? '' : `, ${failed} failed`}`
}

/** Requests are told by the names of operations. */
function codeOf(operation: string): string {
  return Object.hasOwn(operations, operation) ? String(operations[operation as keyof typeof operations].code) : '-'
}
