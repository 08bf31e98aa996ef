import { Command, type Config, Errors } from '@oclif/core'
import { isAbort } from '../core/errors.ts'
import { systemClock } from '../core/support/index.ts'
import { anySignal } from './any-signal.ts'
import { type CommandContext, startDeadline } from './command-context.ts'
import { ExitCode, reportError, reportJson, reportStack, reportText } from './error-report.ts'
import { globalFlags } from './flags.ts'
import { Interruption } from './interruption.ts'
import { isParseError } from './parse-error.ts'
import { stderrLogger } from './stderr-logger.ts'
import { OutputClosedError } from './stdout-writer.ts'
import { Talk } from './talk.ts'
import { readTerminal } from './terminal.ts'

/** The values of the flags every command has. */
export interface GlobalFlagValues {
  readonly timeout: number | undefined
  readonly json: boolean
  readonly 'no-color': boolean
  readonly debug: boolean
}

/** The class of a command, as it is started. */
export type CommandClass = Command.Class & { start(argv: string[], config: Config): Promise<unknown> }

/**
 * The base of all commands: a signal that ends them in order, one deadline, errors as a sentence with an exit code. A
 * command parses, calls {@link BaseCommand.begin} and gives the context to what works for it.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags
  readonly #interruption = new Interruption(process)
  #context: CommandContext | undefined

  /** Runs the command. `Command.run` loads the configuration it is given once more. */
  static start(
    this: new (
      argv: string[],
      config: Config,
    ) => BaseCommand,
    argv: string[],
    config: Config,
  ): Promise<unknown> {
    return new this(argv, config)._run()
  }

  /** What oclif's own does is for deprecated commands and its plugins, of which mq has none, and costs 1 ms. */
  protected override init(): Promise<void> {
    return Promise.resolve()
  }

  /** Starts the deadline and decides how the command talks. */
  protected begin(flags: GlobalFlagValues): CommandContext {
    const clock = systemClock
    const deadline = startDeadline(clock, flags.timeout)
    const terminal = readTerminal(process, { noColor: flags['no-color'] })
    const talk = new Talk({
      terminal: terminal.stderr && process.env['TERM'] !== 'dumb',
      write: (text) => {
        process.stderr.write(text)
      },
    })
    this.#context = {
      clock,
      logger: stderrLogger({ say: (line) => talk.say(line), clock, debug: flags.debug }),
      terminal,
      env: process.env,
      signal: anySignal(this.#interruption.signal, deadline.signal),
      deadline,
      debug: flags.debug,
      say: (line) => {
        talk.say(line)
      },
      status: (line) => {
        talk.status(line)
      },
    }
    return this.#context
  }

  /** The signal that asked the command to end, if one did. */
  protected get interrupted(): Interruption['caught'] {
    return this.#interruption.caught
  }

  /** Ends the command with this code once `run` has returned; the first code set stays. */
  protected exitWith(code: number): void {
    if (!process.exitCode) process.exitCode = code
  }

  /** Ends the command as one that a signal has ended: 130, 143. Does nothing when there was no signal. */
  protected exitInterrupted(): void {
    const code = this.#interruption.exitCode
    if (code !== undefined) this.exitWith(code)
  }

  /** Never rethrows: what oclif would print of an error holds the whole command line. */
  protected override catch(error: Error): Promise<void> {
    if (error instanceof Errors.ExitError) {
      this.exitWith(error.oclif.exit ?? ExitCode.DONE)
      return Promise.resolve()
    }
    this.exitInterrupted()
    // A reader that has what it wants, as head does, is no failure.
    const readerGone = error instanceof OutputClosedError && error.readerGone
    if (!readerGone && !(isAbort(error) && this.interrupted !== undefined)) this.#report(error)
    return Promise.resolve()
  }

  protected override finally(): Promise<void> {
    this.#context?.deadline.clear()
    this.#interruption.release()
    return Promise.resolve()
  }

  #report(error: unknown): void {
    this.#context?.status('')
    const report = reportError(error, this.#flagNames())
    process.stderr.write(reportText(report))
    // The message of oclif's own errors repeats what was given to an unknown flag, which may be a secret.
    const debug = this.#context?.debug ?? this.#given('--debug')
    if (debug && !isParseError(error)) process.stderr.write(reportStack(error))
    if (this.#wantsJson()) process.stdout.write(reportJson(report))
    this.exitWith(report.exit)
  }

  #flagNames(): string[] {
    return Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags }).map((name) => `--${name}`)
  }

  /** Asked of the words themselves: an error may come before they are parsed. */
  #wantsJson(): boolean {
    const given = this.#words()
    const output = given.findIndex((word) => word === '-o' || word === '--output')
    if (output !== -1 && given[output + 1] === 'json') return true
    return given.some((word) => word === '--json' || word === '--output=json' || word === '-ojson')
  }

  #given(flag: string): boolean {
    return this.#words().includes(flag)
  }

  #words(): readonly string[] {
    const end = this.argv.indexOf('--')
    return end === -1 ? this.argv : this.argv.slice(0, end)
  }
}
