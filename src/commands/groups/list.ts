import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { listGroups } from '../../cli/groups/list-groups.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { watchingCluster } from '../../cli/watch.ts'

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
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsList, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { all: flags.all, online: flags.online, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => listGroups(request, parts)))
  }
}
