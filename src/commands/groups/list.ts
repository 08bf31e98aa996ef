import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { durationFlag } from '../../cli/flag-types.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { listGroups } from '../../cli/groups/list-groups.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { watching } from '../../cli/watch.ts'

/** `mq groups list` */
export default class GroupsList extends BaseCommand {
  static override summary = 'list consumer groups with who is online'
  static override examples = [
    '<%= config.bin %> groups list',
    '<%= config.bin %> groups list --online --watch',
    '<%= config.bin %> groups list | jq -r .group',
  ]
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'groups of brokers and tools too' }),
    online: Flags.boolean({ summary: 'only groups with members' }),
    watch: durationFlag({ helpValue: '[=2s]', summary: 'again and again, until interrupted' }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsList, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { all: flags.all, online: flags.online, format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      const once = () => listGroups(request, { context, connection })
      this.exitWith(await watching(flags.watch, once, context))
    })
  }
}
