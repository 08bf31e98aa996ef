import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags } from '../../cli/flags.ts'
import { getMessages, messageForms } from '../../cli/messages/get-messages.ts'
import { messageName } from '../../cli/messages/message-name.ts'

/** `mq messages get TOPIC ID|--key K|b:q:offset` */
export default class MessagesGet extends BaseCommand {
  static override summary = 'find messages by an id of either kind, by a key, or by queue and offset'
  static override description =
    `By a key, all there are: a broker answers 64 at most, so it is asked again for what came before.`
  static override examples = [
    '<%= config.bin %> messages get orders 7F00000100002A9F0000000000001F40',
    '<%= config.bin %> messages get orders broker-a:0:1200 -o raw > body.bin',
    '<%= config.bin %> messages get orders --key order-1 --json | jq .messages[].body',
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'its name' }),
    message: Args.string({
      ignoreStdin: true,
      description: "the producer's id, the broker's id, or BROKER:QUEUE:OFFSET",
    }),
  }
  static override flags = {
    key: Flags.string({ summary: 'all messages with this key' }),
    output: Flags.option({ char: 'o', helpGroup: 'GLOBAL', options: messageForms })({
      summary: 'how messages are shown (a page on a terminal, jsonl in a pipe); raw: bodies as they are',
    }),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MessagesGet)
    const name = messageName(args.message, flags.key)
    const context = this.begin(flags)
    const form = flags.json ? 'json' : flags.output
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await getMessages({ topic: args.topic, name, form }, { context, connection }))
    })
  }
}
