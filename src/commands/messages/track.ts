import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { messageName } from '../../cli/messages/message-name.ts'
import { trackMessages } from '../../cli/messages/track.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq messages track TOPIC ID` */
export default class MessagesTrack extends BaseCommand {
  static override summary = 'tell what became of a message in each group: passed, filtered, in retry, dead or waiting'
  static override description =
    `Not by offsets alone: a message that was sent back counts as consumed by its queue's offset, so its copies
in the retry and dead-letter topics are looked for and followed.`
  static override examples = [
    '<%= config.bin %> messages track orders 7F00000100002A9F0000000000001F40',
    '<%= config.bin %> messages track orders broker-a:0:1200 -g billing --json',
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'its name' }),
    message: Args.string({
      required: true,
      ignoreStdin: true,
      description: "the producer's id, the broker's id, or BROKER:QUEUE:OFFSET",
    }),
  }
  static override flags = {
    group: Flags.string({ char: 'g', summary: 'only in this group (default: all that have to do with the topic)' }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MessagesTrack)
    const name = messageName(args.message, undefined)
    const context = this.begin(flags)
    const request = { topic: args.topic, name, group: flags.group, format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await trackMessages(request, { context, connection }))
    })
  }
}
