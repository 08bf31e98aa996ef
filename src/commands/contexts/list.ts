import { BaseCommand } from '../../cli/base-command.ts'
import { listContexts } from '../../cli/contexts/list-contexts.ts'
import { listOutputFlag } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq contexts list` */
export default class ContextsList extends BaseCommand {
  static override summary = 'list the clusters kept by name'
  static override examples = ['<%= config.bin %> contexts list', '<%= config.bin %> contexts list -o wide']
  static override flags = { output: listOutputFlag() }

  async run(): Promise<void> {
    const { flags } = await this.parse(ContextsList)
    const context = this.begin(flags)
    await listContexts(listFormat(flags, context), context)
  }
}
