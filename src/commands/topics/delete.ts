import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, writeFlags } from '../../cli/flags.ts'
import { checkOwnTopic } from '../../cli/topic-name.ts'
import { deleteTopic } from '../../cli/topics/delete-topic.ts'

/** `mq topics delete TOPIC` */
export default class TopicsDelete extends BaseCommand {
  static override summary = 'delete a topic with its messages everywhere, after a review'
  static override description =
    'A producer that goes on makes it anew where brokers make topics by themselves (autoCreateTopicEnable).'
  static override examples = [
    '<%= config.bin %> topics delete orders-old --dry-run',
    '<%= config.bin %> topics delete orders-old --yes',
  ]
  static override args = { topic: Args.string({ required: true, ignoreStdin: true, description: 'which one' }) }
  static override flags = {
    'in-use': Flags.boolean({ summary: 'although groups that are online consume it' }),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicsDelete)
    const context = this.begin(flags)
    checkOwnTopic(args.topic)
    const request = { topic: args.topic, inUse: flags['in-use'] }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await deleteTopic(request, { context, connection, flags }))
    })
  }
}
