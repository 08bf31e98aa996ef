import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, listOutputFlag, writeFlags } from '../../cli/flags.ts'
import { configureGroup, showGroupConfig, wantedSettings } from '../../cli/groups/configure-group.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq groups config -g GROUP [--set SETTING=VALUE…]` */
export default class GroupsConfig extends BaseCommand {
  static override summary = 'show how brokers are set for a group, or change that after a review'
  static override description =
    'Only what is named by --set changes; everything else stays as each broker has it. A broker that does not know the group yet will.'
  static override examples = [
    '<%= config.bin %> groups config -g billing',
    '<%= config.bin %> groups config -g billing --set retryMaxTimes=5 --dry-run',
    '<%= config.bin %> groups config -g billing --set consumeBroadcastEnable=false --set retryQueueNums=4 --yes',
  ]
  static override flags = {
    group: groupFlag(),
    set: Flags.string({
      helpValue: 'SETTING=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'change a setting; may be given several times',
    }),
    output: listOutputFlag(),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsConfig)
    const context = this.begin(flags)
    const { group, set = [] } = flags
    const wanted = wantedSettings(set)
    await withConnection(context, flags, async (connection) => {
      const show = () => showGroupConfig({ group, format: listFormat(flags, context) }, { context, connection })
      const change = () => configureGroup(group, wanted, { context, connection, flags })
      this.exitWith(await (set.length === 0 ? show() : change()))
    })
  }
}
