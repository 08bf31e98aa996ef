import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags } from '../../cli/flags.ts'
import { exportOffsets } from '../../cli/offsets/export-offsets.ts'

/** `mq offsets export` */
export default class OffsetsExport extends BaseCommand {
  static override summary = 'write committed offsets down, with the time of the message at each'
  static override examples = [
    '<%= config.bin %> offsets export -g billing --out billing.json',
    '<%= config.bin %> offsets export > all-groups.json',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one' }),
  }
  static override flags = {
    group: Flags.string({
      char: 'g',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'only this group; may be given several times (default: all that have committed something)',
    }),
    times: Flags.boolean({
      allowNo: true,
      default: true,
      summary: 'ask for the store time of each message, as an import by time needs it',
    }),
    out: Flags.string({ helpValue: 'FILE', summary: 'where to (default: stdout)' }),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsExport)
    const context = this.begin(flags)
    const { group, times, out } = flags
    await withConnection(context, flags, (connection) =>
      exportOffsets({ groups: group ?? [], topic: args.topic, times, out }, { context, connection }),
    )
  }
}
