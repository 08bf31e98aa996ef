import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, groupFlag, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { showAllocation } from '../../cli/rebalance/show-allocation.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq rebalance show -g GROUP [TOPIC]` */
export default class RebalanceShow extends BaseCommand {
  static override summary = 'show which member of a group holds which queues'
  static override examples = [
    '<%= config.bin %> rebalance show -g billing',
    '<%= config.bin %> rebalance show -g billing orders --watch',
    '<%= config.bin %> rebalance show -g billing --json | jq .skew.idle',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; else all the group consumes' }),
  }
  static override flags = {
    group: groupFlag(),
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RebalanceShow, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { group: flags.group, topic: args.topic, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showAllocation(request, parts)))
  }
}
