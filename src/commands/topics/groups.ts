import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { showTopicGroups } from '../../cli/topics/show-topic-groups.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq topics groups TOPIC` */
export default class TopicsGroups extends BaseCommand {
  static override summary = 'list the groups of a topic with how far each is'
  static override examples = [
    '<%= config.bin %> topics groups orders',
    '<%= config.bin %> topics groups orders | jq -r .group',
  ]
  static override args = { topic: Args.string({ required: true, ignoreStdin: true, description: 'which one' }) }
  static override flags = {
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicsGroups, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { topic: args.topic, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showTopicGroups(request, parts)))
  }
}
