import type { Hook } from '@oclif/core'
import { loadHelpClass } from '@oclif/core'
import { ExitCode, reportJson, reportText } from './error-report.ts'
import { ofMqadmin } from './mqadmin-names.ts'
import { didYouMean } from './suggest.ts'

/** What the hook knows of the commands there are: their words, e.g. `topics list`. */
export interface KnownCommands {
  readonly commands: readonly string[]
}

/** What to say to words that are no command, the most helpful first. Never runs anything: a guess could be `reset`. */
export function unknownCommand(words: string, { commands }: KnownCommands): { message: string; suggestions: string[] } {
  const [first = ''] = words.split(' ')
  const ours = ofMqadmin(first)
  if (ours !== undefined) {
    const there = commands.includes(ours)
    const message = `${first} is a command of mqadmin; here it is 'mq ${ours}'${there ? '' : ', which this version does not have yet'}`
    return { message, suggestions: there ? [`mq ${ours} --help`] : ['mq --help lists the commands there are'] }
  }
  const similar = didYouMean(words, commands).map((text) => text.replace('mean ', 'mean mq '))
  const fallback = ['mq --help lists the commands there are']
  return { message: `there is no command 'mq ${words}'`, suggestions: similar.length > 0 ? similar : fallback }
}

/** oclif's hook: answers an unknown command with a sentence and 127, `mq help …` with help. */
const hook: Hook.CommandNotFound = async function ({ id, argv, config }) {
  const words = id.replaceAll(':', ' ')
  if (words === 'help' || words.startsWith('help ')) {
    const Help = await loadHelpClass(config)
    await new Help(config, config.pjson.oclif.helpOptions).showHelp([...words.split(' ').slice(1), ...(argv ?? [])])
    return
  }
  const commands = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '))
  const given = [words, ...(argv ?? [])]
  const isFlag = words.startsWith('-')
  const report = isFlag
    ? {
        message: `there is no flag ${words.replace(/=.*$/s, '')}`,
        suggestions: ['put flags behind the command'],
        exit: ExitCode.USAGE,
        code: 'USAGE',
      }
    : { ...unknownCommand(words, { commands }), exit: ExitCode.UNKNOWN_COMMAND, code: 'UNKNOWN_COMMAND' }
  process.stderr.write(reportText(report))
  if (given.includes('--json')) process.stdout.write(reportJson(report))
  process.exitCode = report.exit
}

export default hook
