import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { exportLetters } from '../../cli/dlq/export-letters.ts'
import { letterFlags } from '../../cli/dlq/letters.ts'
import { connectionFlags, groupFlag } from '../../cli/flags.ts'

/** `mq dlq export -g GROUP FILE|-` */
export default class DlqExport extends BaseCommand {
  static override summary = 'write dead letters of a group down as JSON lines, which produce --input jsonl reads'
  static override description = `Nothing is removed: a dead letter stays until its broker's retention is over.`
  static override examples = [
    '<%= config.bin %> dlq export -g billing billing.jsonl',
    '<%= config.bin %> dlq export -g billing --topic orders - | jq -r .originMsgId',
  ]
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'where to; - is stdout' }),
  }
  static override flags = {
    group: groupFlag(),
    topic: Flags.string({ summary: 'only letters that came from this topic' }),
    ...letterFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DlqExport)
    const context = this.begin(flags)
    const { group, topic, key, prop, grep } = flags
    const request = { group, topic, key, prop, grep, file: args.file }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await exportLetters(request, { context, connection }))
    })
  }
}
