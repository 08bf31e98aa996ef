import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, writeFlags } from '../../cli/flags.ts'
import { pauseGroup } from '../../cli/groups/pause-group.ts'

/** `mq groups resume -g GROUP [TOPIC]` */
export default class GroupsResume extends BaseCommand {
  static override summary = 'let a paused group, or a paused topic of it, go on, after a review'
  static override description = 'Members that are online go on by themselves within a few seconds.'
  static override examples = [
    '<%= config.bin %> groups resume -g billing',
    '<%= config.bin %> groups resume -g billing orders --yes',
  ]
  static override args = { topic: Args.string({ ignoreStdin: true, description: 'only this one' }) }
  static override flags = { group: groupFlag(), ...writeFlags, ...connectionFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupsResume)
    const context = this.begin(flags)
    const request = { group: flags.group, topic: args.topic, paused: false }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await pauseGroup(request, { context, connection, flags }))
    })
  }
}
