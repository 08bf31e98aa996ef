import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { durationFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag, writeFlags } from '../../cli/flags.ts'
import { deleteGroup } from '../../cli/groups/delete-group.ts'

/** `mq groups delete -g GROUP` */
export default class GroupsDelete extends BaseCommand {
  static override summary = 'delete a group that nobody is online in, after a review'
  static override description =
    'Its committed offsets, retries and dead letters stay unless they are named; offsets that are deleted can be put back.'
  static override examples = [
    '<%= config.bin %> groups delete -g billing --dry-run',
    '<%= config.bin %> groups delete -g billing --with-offsets --with-topics --yes',
  ]
  static override flags = {
    group: groupFlag(),
    'with-offsets': Flags.boolean({ summary: 'what it has committed, too' }),
    'with-topics': Flags.boolean({ summary: 'its retry and dead-letter topics, too' }),
    verify: durationFlag({
      default: 25_000,
      helpValue: '25s',
      summary: 'how long to look whether it stays away: a pull that a member has left behind may bring it back',
    }),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsDelete)
    const context = this.begin(flags)
    const request = {
      group: flags.group,
      offsets: flags['with-offsets'],
      topics: flags['with-topics'],
      verifyMs: flags.verify,
    }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await deleteGroup(request, { context, connection, flags }))
    })
  }
}
