import { render } from 'ink'
import type { Snapshot } from '../core/telemetry/index.ts'
import { Screen } from './components/screen.tsx'
import { Dashboard, type DashboardParts } from './dashboard.ts'
import { Painter } from './terminal/painter.ts'
import { Stage } from './terminal/stage.ts'

/** The terminal a dashboard is drawn on. */
export interface DashboardTerminal {
  readonly size: { readonly columns: number; readonly rows: number }
  write(text: string): void
  writeNow(text: string): void
  readKeys(onText: (text: string) => void): () => void
  interrupt(): void
  suspend(): void
  on(event: 'resize' | 'suspend' | 'resume' | 'exit', listener: () => void): () => void
}

/** What a dashboard shows, where, and what it may do beyond. */
export interface DashboardOptions
  extends Pick<DashboardParts, 'clock' | 'connectionWords' | 'save' | 'findings' | 'planReset'> {
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
  const { terminal, signal, color } = options
  const painter = new Painter(terminal)
  const dashboard: Dashboard = new Dashboard({
    ...options,
    interrupt: () => terminal.interrupt(),
    suspend: () => terminal.suspend(),
    repaint: () => painter.repaint(),
    frame: () => painter.frame,
    size: () => terminal.size,
    draw: (view, size) => {
      app.rerender(<Screen view={view} size={size} color={color} />)
    },
  })
  const first = dashboard.view()
  const app = render(<Screen view={first} size={terminal.size} color={color} />, {
    // ink asks a stream for no more than this.
    stdout: painter as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  })
  const stage = new Stage(terminal, painter, (text) => dashboard.type(text))
  const listening = [
    terminal.on('resize', () => dashboard.resized()),
    terminal.on('suspend', () => stage.leave()),
    terminal.on('resume', () => stage.enter()),
    terminal.on('exit', () => stage.leave()),
  ]
  try {
    stage.enter()
    await dashboard.run(options.snapshots, signal)
  } finally {
    // First the frames, then the terminal: a frame after that would be on the user's own screen.
    painter.end()
    app.unmount()
    stage.leave()
    for (const stop of listening) stop()
    dashboard.close()
  }
}
