import { Args, Flags } from '@oclif/core'
import { parseStrategy } from '../../cli/allocation-strategy.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { readFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { checkRebalance } from '../../cli/rebalance/check-rebalance.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq rebalance check -g GROUP [TOPIC]` */
export default class RebalanceCheck extends BaseCommand {
  static override summary = 'check that every queue of a group is held by the one member that should; 8 when not'
  static override examples = [
    '<%= config.bin %> rebalance check -g billing',
    '<%= config.bin %> rebalance check -g billing orders --json | jq .findings',
    '<%= config.bin %> rebalance check -g billing --strategy average',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; else all the group consumes' }),
  }
  static override flags = {
    group: groupFlag(),
    strategy: Flags.string({
      helpValue: 'average|circle|consistent-hash|FILE',
      summary: 'how members share that do not tell it',
    }),
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RebalanceCheck, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const strategy = flags.strategy === undefined ? undefined : readFlag('strategy', flags.strategy, parseStrategy)
    const request = { group: flags.group, topic: args.topic, strategy, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => checkRebalance(request, parts)))
  }
}
