import { render } from 'ink'
import { Screen } from './components/screen.tsx'
import type { Size } from './model/state.ts'
import { Painter } from './terminal/painter.ts'
import { Stage } from './terminal/stage.ts'
import type { ScreenView } from './view/screen.ts'

/** The terminal that is drawn on. */
export interface DashboardTerminal {
  readonly size: { readonly columns: number; readonly rows: number }
  write(text: string): void
  writeNow(text: string): void
  readKeys(onText: (text: string) => void): () => void
  interrupt(): void
  suspend(): void
  on(event: 'resize' | 'suspend' | 'resume' | 'exit', listener: () => void): () => void
}

/** What whoever draws may do with a terminal that is its own. */
export interface Hall {
  draw(view: ScreenView, size: Size): void
  repaint(): void
  /** The rows of the last frame. */
  frame(): readonly string[]
}

/** What is performed on a terminal. */
export interface Act {
  /** What is to be seen at first. */
  view(): ScreenView
  type(text: string): void
  /** The terminal has another size now. */
  resized(): void
  /** Resolves at its end. */
  run(): Promise<void>
  /** Draws nothing more. */
  close(): void
}

/** Takes the terminal for an act, and leaves it as it was, whatever ends it. Rejects, after that, as the act does. */
export async function perform(
  { terminal, color }: { readonly terminal: DashboardTerminal; readonly color: boolean },
  begin: (hall: Hall) => Act,
): Promise<void> {
  const painter = new Painter(terminal)
  const act = begin({
    repaint: () => painter.repaint(),
    frame: () => painter.frame,
    draw: (view, size) => {
      app.rerender(<Screen view={view} size={size} color={color} />)
    },
  })
  const app = render(<Screen view={act.view()} size={terminal.size} color={color} />, {
    // ink asks a stream for no more than this.
    stdout: painter as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  })
  const stage = new Stage(terminal, painter, (text) => act.type(text))
  const listening = [
    terminal.on('resize', () => act.resized()),
    terminal.on('suspend', () => stage.leave()),
    terminal.on('resume', () => stage.enter()),
    terminal.on('exit', () => stage.leave()),
  ]
  try {
    stage.enter()
    await act.run()
  } finally {
    // First the frames, then the terminal: a frame after that would be on the user's own screen.
    painter.end()
    app.unmount()
    stage.leave()
    for (const stop of listening) stop()
    act.close()
  }
}
