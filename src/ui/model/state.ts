import type { LogEntry, ResetPlan, ShownFinding, Snapshot } from '../../core/telemetry/index.ts'
import { type Findings, noFindings } from './findings.ts'
import { History } from './history.ts'
import type { ResetPrompt } from './reset.ts'

/** What the screen is about; `enter` goes deeper, `esc` back. */
export type Place =
  | { readonly kind: 'groups' }
  | { readonly kind: 'queues'; readonly group: string }
  | { readonly kind: 'clients'; readonly group: string }
  | { readonly kind: 'client'; readonly group: string; readonly clientId: string }
  /** `queue` as `queueId` tells it. */
  | { readonly kind: 'queue'; readonly group: string; readonly queue: string }
  /** Without a group, of all that are shown. */
  | { readonly kind: 'findings'; readonly group: string | undefined }
  | { readonly kind: 'finding'; readonly group: string; readonly finding: ShownFinding }
  | { readonly kind: 'plan'; readonly group: string; readonly plan: ResetPlan }
  | { readonly kind: 'events' }

/** A place with where in its list the cursor is. */
export interface Visit {
  readonly place: Place
  /** The key of the row; it stays with the row while others come and go. */
  readonly key: string | undefined
  readonly index: number
  /** The first row that is seen. */
  readonly top: number
}

/** How a list is sorted; without it as the cluster tells it. */
export interface Sort {
  readonly by: string
  readonly descending: boolean
}

/** How large the terminal is. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** All there is to a dashboard: what is shown follows from it alone. */
export interface DashboardState {
  readonly size: Size
  /** The newest; `shown` stands still while paused. */
  readonly latest: Snapshot | undefined
  readonly shown: Snapshot | undefined
  readonly paused: boolean
  /** Updates since the picture was frozen. */
  readonly missed: number
  /** No more will come. */
  readonly ended: boolean
  readonly history: History
  /** Newest last. */
  readonly changes: readonly LogEntry[]
  readonly findings: Findings
  /** Where a reset is to go, while that is being typed. */
  readonly prompt: ResetPrompt | undefined
  /** Resets can be planned: there is a cluster to ask. */
  readonly canPlan: boolean
  /** What was typed last, to begin with. */
  readonly lastPosition: string
  /** The last is where we are; never empty. */
  readonly visits: readonly Visit[]
  readonly sort: Sort | undefined
  readonly filter: string
  /** The filter is being typed. */
  readonly typing: boolean
  readonly faultsOnly: boolean
  readonly wide: boolean
  readonly help: boolean
  /** Said in the last line until the next key. */
  readonly message: string | undefined
}

/** A dashboard that has seen nothing yet. */
export function initialState(
  size: Size,
  { findings = false, canPlan = false }: { readonly findings?: boolean; readonly canPlan?: boolean } = {},
): DashboardState {
  return {
    size,
    latest: undefined,
    shown: undefined,
    paused: false,
    missed: 0,
    ended: false,
    history: new History(),
    changes: [],
    findings: noFindings(findings),
    prompt: undefined,
    canPlan,
    lastPosition: '',
    visits: [visit({ kind: 'groups' })],
    sort: undefined,
    filter: '',
    typing: false,
    faultsOnly: false,
    wide: false,
    help: false,
    message: undefined,
  }
}

/** Comes to a place, with the cursor at its first row. */
export function visit(place: Place): Visit {
  return { place, key: undefined, index: 0, top: 0 }
}

/** Where we are. */
export function hereIn({ visits }: Pick<DashboardState, 'visits'>): Visit {
  return visits.at(-1) ?? visit({ kind: 'groups' })
}

/** Too small to draw anything useful. */
export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < 60 || rows < 12
}
