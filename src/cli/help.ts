import { Errors } from '@oclif/core'
import type { PreparedConfig } from './prepared-config.ts'
import { readTerminal } from './terminal.ts'

/** Prints the help of a command or topic, without words that of all. False when there is none of that name. */
export async function showHelp(words: readonly string[], config: PreparedConfig): Promise<boolean> {
  // Loaded only here: few starts show help, and most of those show what the build has prepared (bin/run.js).
  const { Help } = await import('@oclif/core/help')
  const { color } = readTerminal(process, { noColor: false })
  try {
    await new Help(config, { ...config.pjson.oclif.helpOptions, stripAnsi: !color }).showHelp([...words])
    return true
  } catch (error) {
    if (error instanceof Errors.CLIError) return false
    throw error
  }
}
