import { spawn } from 'node:child_process'

/** How a finished program ended and all it said. */
export interface Finished {
  /** The exit code; `null` after a signal. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Rejects when it cannot be started. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text
      })
    }
    child.on('error', reject)
    child.on('close', (status) => {
      resolve({ status, ...said })
    })
  })
}

/** As {@link run}, but rejects with what the program said when it fails. */
export async function mustRun(program: string, args: readonly string[], options?: { cwd: string }): Promise<Finished> {
  const finished = await run(program, args, options)
  if (finished.status === 0) return finished
  throw new Error(`${program} failed with ${String(finished.status)}:\n${finished.stdout}${finished.stderr}`)
}
