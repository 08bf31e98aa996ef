import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { useContext } from '../../cli/contexts/change-contexts.ts'

/** `mq contexts use NAME` */
export default class ContextsUse extends BaseCommand {
  static override summary = 'make a context the one that is used where none is named'
  static override examples = ['<%= config.bin %> contexts use prod', '<%= config.bin %> contexts use --none']
  static override args = { name: Args.string({ ignoreStdin: true, description: 'which one' }) }
  static override flags = { none: Flags.boolean({ summary: 'use none: the embedded broker' }) }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextsUse)
    useContext({ name: args.name, none: flags.none }, this.begin(flags))
  }
}
