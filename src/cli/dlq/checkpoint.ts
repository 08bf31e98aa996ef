import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'

/** Whose letters a checkpoint is of. */
export interface CheckpointOwner {
  readonly group: string
  /** Tells clusters apart. */
  readonly cluster: string
}

/** How far a letter is: on its way when something ended the command, or at home. */
export type LetterState = 'sending' | 'sent'

/**
 * What has been sent home, in a file, a line before and a line after each send: so that after a kill at any moment it is
 * known which letters are at home, and of which one alone that has to be looked up.
 */
export class Checkpoint {
  readonly #states: Map<string, LetterState>
  readonly #fd: number | undefined

  private constructor(states: Map<string, LetterState>, fd: number | undefined) {
    this.#states = states
    this.#fd = fd
  }

  /** Without a file nothing is remembered. Throws UsageError for a file that is something else. */
  static open(file: string | undefined, owner: CheckpointOwner): Checkpoint {
    if (file === undefined) return new Checkpoint(new Map(), undefined)
    const text = textOf(file)
    const states = read(text, file, owner)
    const fd = openSync(file, 'a')
    if (text === '') writeSync(fd, `${JSON.stringify({ schemaVersion: 1, redrive: owner })}\n`)
    // The last line may have been cut by what ended the command.
    else if (!text.endsWith('\n')) writeSync(fd, '\n')
    return new Checkpoint(states, fd)
  }

  /** How far the letter with this id is; `undefined`: never tried. */
  stateOf(letter: string): LetterState | undefined {
    return this.#states.get(letter)
  }

  /** Remembers it, when this returns also beyond the end of the process. */
  set(letter: string, state: LetterState): void {
    this.#states.set(letter, state)
    if (this.#fd !== undefined) writeSync(this.#fd, `${JSON.stringify({ letter, state })}\n`)
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

function read(text: string, file: string, owner: CheckpointOwner): Map<string, LetterState> {
  const [head, ...lines] = text.split('\n').map(parsed)
  const redrive = head?.['redrive']
  if (text !== '' && JSON.stringify(redrive) !== JSON.stringify(owner)) {
    const why = redrive === undefined ? 'it is no checkpoint of a redrive' : `it is of ${JSON.stringify(redrive)}`
    throw new UsageError(`--checkpoint: ${file} cannot be used: ${why}`, { suggestions: ['name a new file'] })
  }
  const states = new Map<string, LetterState>()
  for (const line of lines) {
    const { letter, state } = line ?? {}
    if (typeof letter === 'string' && (state === 'sending' || state === 'sent')) states.set(letter, state)
  }
  return states
}

/** A line that was cut is none: what it would say is found out anew. */
function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
