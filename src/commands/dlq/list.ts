import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { listDeadGroups } from '../../cli/dlq/list-groups.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq dlq list` */
export default class DlqList extends BaseCommand {
  static override summary = 'list groups with dead letters: how many, the oldest and the newest'
  static override examples = ['<%= config.bin %> dlq list', '<%= config.bin %> dlq list -g billing --json']
  static override flags = {
    group: Flags.string({
      char: 'g',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'only this group; may be given several times (default: all that have dead letters)',
    }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqList)
    const context = this.begin(flags)
    const request = { groups: flags.group ?? [], format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await listDeadGroups(request, { context, connection }))
    })
  }
}
