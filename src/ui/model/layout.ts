import { problemLines } from './problem-lines.ts'
import { type DashboardState, hereIn } from './state.ts'

/** How the rows of a screen are shared out. */
export interface Layout {
  readonly columns: number
  /** Rows of the list or the text in the middle, without its head. */
  readonly body: number
  /** Rows of the event log below, its title included; 0: there is no room. */
  readonly events: number
  /** Rows of the list of members below, its title included. */
  readonly clients: number
  /** Rows that tell more of the row of the cursor. */
  readonly detail: number
  /** Rows above the line in which something is typed. */
  readonly prompt: number
}

/** Cluster, figures, findings. */
const HEADER = 3
/** The head of the list, and the line of keys. */
const FRAME = 2
/** A finding has hardly more to tell. */
const DETAIL = 12

/** Shares out the screen: the list has the most of it, and what is below comes when there is room. */
export function layoutOf(state: DashboardState): Layout {
  const { columns, rows } = state.size
  const { kind } = hereIn(state).place
  const room = rows - HEADER - FRAME
  const isTable = kind === 'queues' || kind === 'groups' || kind === 'clients' || kind === 'client'
  const events = isTable && rows >= 28 ? Math.min(9, Math.floor(rows / 5)) : 0
  const clients = kind === 'queues' && rows >= 40 ? Math.min(8, Math.floor(rows / 6)) : 0
  const detail = kind === 'findings' ? Math.min(DETAIL, Math.floor(room / 2)) : 0
  const prompt = state.prompt === undefined ? 0 : 1 + problemLines(state.prompt, columns).length
  const body = Math.max(1, room - events - clients - detail - prompt)
  return { columns, body, events, clients, detail, prompt }
}
