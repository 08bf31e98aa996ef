import type { ClientSnapshot, GroupSnapshot, QueueSnapshot, ShownFinding } from '../../core/telemetry/index.ts'

/** One row of a list. */
export type Row =
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupSnapshot }
  | { readonly kind: 'client'; readonly key: string; readonly client: ClientSnapshot }
  | { readonly kind: 'queue'; readonly key: string; readonly queue: QueueSnapshot }
  | { readonly kind: 'finding'; readonly key: string; readonly finding: ShownFinding }

/** Rows of one kind. */
export type QueueRow = Extract<Row, { kind: 'queue' }>
