import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, verifyFlag, writeFlags } from '../../cli/flags.ts'
import { cloneOffsets } from '../../cli/offsets/clone-offsets.ts'

/** `mq offsets clone --from GROUP -g GROUP [TOPIC…]` */
export default class OffsetsClone extends BaseCommand {
  static override summary = 'put a group where another one is, after a review'
  static override examples = [
    '<%= config.bin %> offsets clone --from billing -g billing-v2 orders',
    '<%= config.bin %> offsets clone --from billing -g billing-v2 --yes',
  ]
  static override strict = false
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'which ones; else all the first group has committed in' }),
  }
  static override flags = {
    from: Flags.string({ required: true, helpValue: 'GROUP', summary: 'the group to copy from' }),
    group: groupFlag({ summary: 'the group to move; it is made where it is not known' }),
    verify: verifyFlag,
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(OffsetsClone)
    const context = this.begin(flags)
    const request = { from: flags.from, to: flags.group, topics: argv.map(String) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await cloneOffsets(request, { context, connection, flags }))
    })
  }
}
