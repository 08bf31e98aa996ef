import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { showTopic } from '../../cli/topics/show-topic.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq topics show TOPIC` */
export default class TopicsShow extends BaseCommand {
  static override summary = 'show the queues of a topic, where they are and what they hold'
  static override examples = [
    '<%= config.bin %> topics show orders',
    '<%= config.bin %> topics show orders --watch',
    "<%= config.bin %> topics show orders --json | jq '[.queues[].messages] | add'",
  ]
  static override args = { topic: Args.string({ required: true, ignoreStdin: true, description: 'which one' }) }
  static override flags = {
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicsShow, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { topic: args.topic, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showTopic(request, parts)))
  }
}
