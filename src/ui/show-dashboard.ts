import type { Snapshot } from '../core/telemetry/index.ts'
import { Dashboard, type DashboardParts } from './dashboard.ts'
import { type DashboardTerminal, perform } from './perform.tsx'

/** What a dashboard shows, where, and what it may do beyond. */
export interface DashboardOptions
  extends Pick<DashboardParts, 'clock' | 'connectionWords' | 'save' | 'findings' | 'planReset' | 'events'> {
  readonly snapshots: AsyncIterable<Snapshot>
  readonly terminal: DashboardTerminal
  /** Ends it. */
  readonly signal: AbortSignal
  readonly color: boolean
  readonly ascii: boolean
}

/**
 * Draws snapshots until somebody quits or the signal aborts, and leaves the terminal as it was. Rejects, after that, with
 * what made the snapshots end.
 */
export async function showDashboard(options: DashboardOptions): Promise<void> {
  const { terminal, snapshots, signal } = options
  await perform(options, (hall) => {
    const dashboard = new Dashboard({
      ...options,
      ...hall,
      interrupt: () => terminal.interrupt(),
      suspend: () => terminal.suspend(),
      size: () => terminal.size,
    })
    return {
      view: () => dashboard.view(),
      type: (text) => dashboard.type(text),
      resized: () => dashboard.resized(),
      run: () => dashboard.run(snapshots, signal),
      close: () => dashboard.close(),
    }
  })
}
