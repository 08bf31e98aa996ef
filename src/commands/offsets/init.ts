import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, groupFlag, verifyFlag, writeFlags } from '../../cli/flags.ts'
import { initOffsets } from '../../cli/offsets/init-offsets.ts'

/** `mq offsets init -g GROUP TOPIC` */
export default class OffsetsInit extends BaseCommand {
  static override summary = 'commit a first offset in every queue that has none: where a new group will begin'
  static override examples = [
    '<%= config.bin %> offsets init -g billing orders',
    "<%= config.bin %> offsets init -g billing orders --to '1h ago' --yes",
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'where' }),
  }
  static override flags = {
    group: groupFlag({ summary: 'the consumer group; it is made where it is not known' }),
    to: Flags.string({ default: 'last', helpValue: 'POSITION', summary: 'where to begin: first, last, a time, …' }),
    tz: Flags.string({ helpValue: 'Asia/Shanghai', summary: 'time zone of times that name none (the local one)' }),
    verify: verifyFlag,
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsInit)
    const context = this.begin(flags)
    const request = { group: flags.group, topic: args.topic, to: flags.to, timeZone: flags.tz }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await initOffsets(request, { context, connection, flags }))
    })
  }
}
