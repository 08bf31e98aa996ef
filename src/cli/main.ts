import { normalizeArgv } from '@oclif/core/help'
import { setLogger } from '@oclif/core/logger'
import { helpAddition, versionAddition } from '@oclif/core/run'
import { answerUnknownCommand } from './command-not-found.ts'
import { reportError, reportText } from './error-report.ts'
import { guardOutput } from './guard-output.ts'
import { showHelp } from './help.ts'
import { hoistFlags } from './hoist-flags.ts'
import { type Installation, PreparedConfig } from './prepared-config.ts'
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

async function dispatch(args: readonly string[], config: PreparedConfig, { manifest }: Installation): Promise<void> {
  // What oclif has to tell of itself it tells by a package that takes 3 ms to load.
  if (!process.env['DEBUG']) setLogger({ root: config.root, logger: silentOclif })
  // oclif takes the first word for the command.
  const words = args[0]?.startsWith('-') === true ? hoistFlags(args, manifest) : [...args]
  if (versionAddition(words, config)) {
    process.stdout.write(`${config.userAgent}\n`)
    return
  }
  if (words[0] === 'help' || helpAddition(words, config)) {
    const subject = words[0] === 'help' ? words.slice(1) : words
    if (!(await showHelp(subject, config))) answerUnknownCommand(subject, config.commands)
    return
  }
  const [id = '', ...argv] = normalizeArgv(config, words)
  const command = config.findCommand(id)
  if (command !== undefined) await (await command.load()).start(argv, config)
  else if (config.findTopic(id) !== undefined) await showHelp([id], config)
  else answerUnknownCommand([...id.split(':'), ...argv], config.commands)
}
