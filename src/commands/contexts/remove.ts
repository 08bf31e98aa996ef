import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { removeContext } from '../../cli/contexts/change-contexts.ts'

/** `mq contexts remove NAME` */
export default class ContextsRemove extends BaseCommand {
  static override summary = 'forget a context; the cluster does not notice'
  static override examples = ['<%= config.bin %> contexts remove prod']
  static override args = { name: Args.string({ required: true, ignoreStdin: true, description: 'which one' }) }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextsRemove)
    removeContext(args.name, this.begin(flags))
  }
}
