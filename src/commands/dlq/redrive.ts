import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { letterFlags } from '../../cli/dlq/letters.ts'
import { redrive } from '../../cli/dlq/redrive.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag, listOutputFlag, writeFlags } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq dlq redrive -g GROUP` */
export default class DlqRedrive extends BaseCommand {
  static override summary = 'send dead letters of a group back to the topics they came from'
  static override description =
    `Each is sent once, with the id it had; with --checkpoint also when the command is killed and started again.
All groups of the topic get it, and the letter stays where it is until its broker's retention is over.`
  static override examples = [
    '<%= config.bin %> dlq redrive -g billing --dry-run',
    '<%= config.bin %> dlq redrive -g billing --topic orders --rate 50 --checkpoint billing.redrive --yes',
  ]
  static override flags = {
    group: groupFlag(),
    topic: Flags.string({ summary: 'only letters that came from this topic' }),
    ...letterFlags,
    rate: integerFlag({ min: 1, max: 100_000 })({ summary: 'so many a second (as fast as it goes)' }),
    checkpoint: Flags.string({ helpValue: 'FILE', summary: 'remember in this file what was sent, and go on with it' }),
    output: listOutputFlag(),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqRedrive)
    const context = this.begin(flags)
    const { group, topic, key, prop, grep, rate, checkpoint } = flags
    const format = listFormat(flags, context)
    const request = { group, topic, key, prop, grep, rate, checkpoint, flags, format }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await redrive(request, { context, connection }))
    })
    this.exitInterrupted()
  }
}
