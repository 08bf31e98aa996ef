import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, writeFlags } from '../../cli/flags.ts'
import { createGroup, wantedSettings } from '../../cli/groups/configure-group.ts'

/** `mq groups create -g GROUP` */
export default class GroupsCreate extends BaseCommand {
  static override summary = 'make a group on every broker, before its first member comes'
  static override examples = [
    '<%= config.bin %> groups create -g billing',
    '<%= config.bin %> groups create -g billing --set retryMaxTimes=5 --set consumeBroadcastEnable=false',
  ]
  static override flags = {
    group: groupFlag(),
    set: Flags.string({
      helpValue: 'SETTING=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      summary: "a setting other than Java's default; may be given several times",
    }),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsCreate)
    const context = this.begin(flags)
    const wanted = wantedSettings(flags.set ?? [])
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await createGroup(flags.group, wanted, { context, connection, flags }))
    })
  }
}
