import type { Interfaces } from '@oclif/core'
import { normalizeArgv } from '@oclif/core/help'
import { setLogger } from '@oclif/core/logger'
import { helpAddition, versionAddition } from '@oclif/core/run'
import { nameLookup } from './command-names.ts'
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
  if (versionAddition(words, config)) {
    process.stdout.write(`${config.userAgent}\n`)
    return
  }
  if (words[0] === 'help' || helpAddition(words, config)) {
    const subject = words[0] === 'help' ? words.slice(1) : words
    if (!(await showHelp(subject, config))) answerUnknownCommand(subject, config.commands)
    return
  }
  const [name = '', ...argv] = normalizeArgv(nameLookup(installation.names) as Interfaces.Config, words)
  const command = installation.names[name]
  if (command !== undefined) await (await loadCommand(installation, command.id)).start(argv, config)
  else if (config.findTopic(name) !== undefined) await showHelp([name], config)
  else answerUnknownCommand([...name.split(':'), ...argv], config.commands)
}
