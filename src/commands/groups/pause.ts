import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, writeFlags } from '../../cli/flags.ts'
import { pauseGroup } from '../../cli/groups/pause-group.ts'

/** `mq groups pause -g GROUP [TOPIC]` */
export default class GroupsPause extends BaseCommand {
  static override summary = 'let brokers hand out nothing more to a group, or to it of one topic, after a review'
  static override description =
    `Members stay online, finish what they hold and commit it; their next pulls are refused until mq groups resume. New members
are refused too. A pause of one topic needs brokers from 5.0 on, and holds for pulls, not for POP.`
  static override examples = [
    '<%= config.bin %> groups pause -g billing',
    '<%= config.bin %> groups pause -g billing orders --yes',
  ]
  static override args = { topic: Args.string({ ignoreStdin: true, description: 'only this one' }) }
  static override flags = { group: groupFlag(), ...writeFlags, ...connectionFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupsPause)
    const context = this.begin(flags)
    const request = { group: flags.group, topic: args.topic, paused: true }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await pauseGroup(request, { context, connection, flags }))
    })
  }
}
