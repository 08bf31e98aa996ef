import { setLogger } from '@oclif/core/logger'
import { splitName } from './command-names.ts'
import { answerUnknownCommand } from './command-not-found.ts'
import { reportError, reportText } from './error-report.ts'
import { guardOutput } from './guard-output.ts'
import { showHelp } from './help.ts'
import { hoistFlags } from './hoist-flags.ts'
import { type Installation, loadCommand, PreparedConfig } from './prepared-config.ts'
import { silentOclif } from './silent-oclif.ts'

/**
 * Runs mq: does what the words say, as oclif's own `run` would, and leaves the result in `process.exitCode`. Commands tell
 * their errors themselves; never rejects.
 */
export async function main(args: readonly string[], installation: Installation): Promise<void> {
  guardOutput(process)
  try {
    await dispatch(args, new PreparedConfig(installation), installation)
  } catch (error) {
    const report = reportError(error)
    process.stderr.write(reportText(report))
    process.exitCode = report.exit
  }
}

async function dispatch(args: readonly string[], config: PreparedConfig, installation: Installation): Promise<void> {
  // What oclif has to tell of itself it tells by a package that takes 3 ms to load.
  if (!process.env['DEBUG']) setLogger({ root: config.root, logger: silentOclif })
  // oclif takes the first word for the command.
  const words = args[0]?.startsWith('-') === true ? hoistFlags(args, installation.manifest) : [...args]
  if (words[0] === '--version' || words[0] === '-v') {
    process.stdout.write(`${config.userAgent}\n`)
    return
  }
  if (words[0] === 'help' || asksForHelp(words)) {
    const subject = words[0] === 'help' ? words.slice(1) : words
    if (!(await showHelp(subject, config))) answerUnknownCommand(subject, config.commands)
    return
  }
  const { name, rest } = splitName(words, installation.names)
  const command = installation.names[name]
  if (command !== undefined) await (await loadCommand(installation, command.id)).start(rest, config)
  else if (config.findTopic(name) !== undefined) await showHelp([name], config)
  else answerUnknownCommand([...name.split(':'), ...rest], config.commands)
}

/** Help is wanted without any words, and by a flag before a `--`. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  const own = end === -1 ? words : words.slice(0, end)
  return words.length === 0 || own.some((word) => word === '--help' || word === '-h')
}
