import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, groupFlag, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { offsetViews } from '../../cli/offsets/offset-groups.ts'
import { showOffsets } from '../../cli/offsets/show-offsets.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq offsets show -g GROUP [TOPIC]` */
export default class OffsetsShow extends BaseCommand {
  static override summary = 'show committed offsets and lag of a group, queue by queue'
  static override examples = [
    '<%= config.bin %> offsets show -g billing',
    '<%= config.bin %> offsets show -g billing orders --lagging --watch',
    '<%= config.bin %> offsets show -g billing --by client --json | jq .totals.lag',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; else all the group has to do with' }),
  }
  static override flags = {
    group: groupFlag(),
    by: Flags.option({ options: offsetViews, default: 'queue' as const })({
      summary: 'put queues together by topic, client or broker',
    }),
    lagging: Flags.boolean({ summary: 'only queues with a backlog, or with a state that is not ok' }),
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsShow, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const { group, by, lagging } = flags
    const request = { group, topic: args.topic, by, lagging, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showOffsets(request, parts)))
  }
}
