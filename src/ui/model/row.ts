import type { ClientSnapshot, GroupSnapshot, QueueSnapshot } from '../../core/telemetry/index.ts'
import type { Finding } from './findings.ts'

/** One row of a list. */
export type Row =
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupSnapshot }
  | { readonly kind: 'client'; readonly key: string; readonly client: ClientSnapshot }
  | { readonly kind: 'queue'; readonly key: string; readonly queue: QueueSnapshot }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: Finding }

/** Rows of one kind. */
export type QueueRow = Extract<Row, { kind: 'queue' }>
