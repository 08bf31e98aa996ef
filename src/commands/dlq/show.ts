import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { letterFlags } from '../../cli/dlq/letters.ts'
import { showLetters } from '../../cli/dlq/show-letters.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag, listOutputFlag } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq dlq show -g GROUP` */
export default class DlqShow extends BaseCommand {
  static override summary =
    'show dead letters of a group, the oldest first: where each came from, and how often it was tried'
  static override examples = [
    '<%= config.bin %> dlq show -g billing',
    '<%= config.bin %> dlq show -g billing --topic orders --grep timeout -m 1000 --json',
  ]
  static override flags = {
    group: groupFlag(),
    'max-messages': integerFlag({ min: 1 })({ char: 'm', default: 100, summary: 'so many at most' }),
    topic: Flags.string({ summary: 'only letters that came from this topic' }),
    ...letterFlags,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqShow)
    const context = this.begin(flags)
    const { group, topic, key, prop, grep, 'max-messages': maxMessages } = flags
    const request = { group, topic, key, prop, grep, maxMessages, format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await showLetters(request, { context, connection }))
    })
  }
}
