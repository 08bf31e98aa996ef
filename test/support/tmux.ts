import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether there is a real terminal to test on. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0

/** One terminal of tmux, with a shell in it; its server is its own. */
export class Tmux {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'mq-tmux-'))
  readonly #socket = path.join(this.#folder, 'socket')

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    // A history would be written while its folder is removed.
    const own = { LANG: 'C.UTF-8', PS1: '$ ', HISTFILE: '/dev/null' }
    const words = Object.entries({ ...own, ...env }).map(([name, value]) => `${name}=${value}`)
    const size = ['-x', String(columns), '-y', String(rows)]
    this.#run('-f', '/dev/null', 'new-session', '-d', ...size, 'env', ...words, 'bash', '--norc', '--noprofile')
  }

  /** Types a line into the shell. */
  line(text: string): void {
    this.#run('send-keys', '-l', text)
    this.#run('send-keys', 'Enter')
  }

  /** Presses a key, by tmux's name. */
  press(key: string): void {
    this.#run('send-keys', key)
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-x', String(columns), '-y', String(rows))
  }

  get screen(): string {
    return this.#run('capture-pane', '-p')
  }

  /** All that can be scrolled back to, and the screen. */
  get all(): string {
    return this.#run('capture-pane', '-p', '-S', '-')
  }

  /** Whether the other screen is shown, and a cursor. */
  get modes(): { readonly alternate: boolean; readonly cursor: boolean } {
    const [alternate, cursor] = this.#run('display', '-p', '#{alternate_on} #{cursor_flag}').trim().split(' ')
    return { alternate: alternate === '1', cursor: cursor === '1' }
  }

  /** Resolves to the screen when it shows something, or the whole holds. */
  async until(holds: (screen: string) => boolean, timeoutMs = 60_000): Promise<string> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const { screen } = this
      if (holds(screen)) return screen
      if (performance.now() > deadline) throw new Error(`not so within ${timeoutMs} ms; the screen:\n${screen}`)
      await sleep(100)
    }
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server'])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(...args: readonly string[]): string {
    const { stdout, stderr, status } = spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`)
    return stdout
  }
}
