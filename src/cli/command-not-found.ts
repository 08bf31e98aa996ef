import type { Command } from '@oclif/core'
import { type ErrorReport, ExitCode, reportJson, reportText } from './error-report.ts'
import { ofMqadmin } from './mqadmin-names.ts'
import { closest, didYouMean } from './suggest.ts'

const ALL_COMMANDS = 'mq --help lists the commands there are'

/** What is known of the commands there are: their words, e.g. `topics list`. */
export interface KnownCommands {
  readonly commands: readonly string[]
}

/** What is said to words that are no command. */
export type UnknownCommand = Omit<ErrorReport, 'code'>

/** What to say to words that are no command, the most helpful first. Never runs anything: a guess could be `reset`. */
export function unknownCommand(words: readonly string[], { commands }: KnownCommands): UnknownCommand {
  const [first = ''] = words
  const exit = ExitCode.UNKNOWN_COMMAND
  const ours = ofMqadmin(first)
  if (ours !== undefined) {
    const there = commands.includes(ours)
    const message = `${first} is a command of mqadmin; here it is 'mq ${ours}'${there ? '' : ', which this version does not have yet'}`
    return { message, suggestions: [there ? `mq ${ours} --help` : ALL_COMMANDS], exit }
  }
  const known = commands.find((command) => words.join(' ').startsWith(`${command} `))
  if (known !== undefined) {
    // oclif takes the arguments of a command that has none for a part of its name.
    const [extra = ''] = words.slice(known.split(' ').length)
    return {
      message: `mq ${known} takes no argument: ${extra}`,
      suggestions: [`mq ${known} --help`],
      exit: ExitCode.USAGE,
    }
  }
  const isTopic = commands.some((command) => command.startsWith(`${first} `))
  const similar = [words.slice(0, 2), words.slice(0, 1)].flatMap((some) => closest(some.join(' '), commands) ?? [])
  const message = `there is no command 'mq ${words.slice(0, isTopic ? 2 : 1).join(' ')}'`
  return { message, suggestions: [similar[0] === undefined ? ALL_COMMANDS : `did you mean mq ${similar[0]}?`], exit }
}

/** What to say to a flag before the command that no command has; its value is not repeated. */
export function unknownFirstFlag(word: string, flags: readonly string[]): UnknownCommand {
  const flag = word.replace(/=.*$/s, '')
  const similar = didYouMean(flag, flags)
  const suggestions = similar.length > 0 ? similar : ['put the flags of a command behind it']
  return { message: `there is no flag ${flag}`, suggestions, exit: ExitCode.USAGE }
}

/** Answers words that are no command with a sentence and 127. */
export function answerUnknownCommand(words: readonly string[], known: readonly Command.Cached[]): void {
  const [first = ''] = words
  const visible = known.filter((command) => !command.hidden)
  const commands = visible.map((command) => command.id.replaceAll(':', ' '))
  const flags = visible.flatMap((command) => Object.keys(command.flags).map((name) => `--${name}`))
  const answer = first.startsWith('-') ? unknownFirstFlag(first, flags) : unknownCommand(words, { commands })
  const code = answer.exit === ExitCode.USAGE ? 'USAGE' : 'UNKNOWN_COMMAND'
  const report = { ...answer, code }
  process.stderr.write(reportText(report))
  if (words.includes('--json')) process.stdout.write(reportJson(report))
  process.exitCode = report.exit
}
