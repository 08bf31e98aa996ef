import { Args, Flags } from '@oclif/core'
import { parseStrategy } from '../../cli/allocation-strategy.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { integerFlag, readFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag, listOutputFlag } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'
import { planRebalance } from '../../cli/rebalance/plan-rebalance.ts'
import { parseAddedBroker } from '../../cli/rebalance/resized-topic.ts'

/** `mq rebalance plan -g GROUP [TOPIC]` */
export default class RebalancePlan extends BaseCommand {
  static override summary = 'show which queues would move with other members, another strategy or more queues'
  static override examples = [
    '<%= config.bin %> rebalance plan -g billing --clients 5',
    '<%= config.bin %> rebalance plan -g billing --remove 10.0.0.7@4711#1 --add 2',
    '<%= config.bin %> rebalance plan -g billing --strategy consistent-hash --json | jq .totals',
    '<%= config.bin %> rebalance plan -g billing orders --queues 16',
    '<%= config.bin %> rebalance plan -g billing --add-broker broker-b:8',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; else all the group consumes' }),
  }
  static override flags = {
    group: groupFlag(),
    clients: integerFlag({ min: 1, max: 10_000 })({ helpValue: 'N', summary: 'with so many members in all' }),
    add: Flags.string({
      helpValue: 'ID|N',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'with a member of this id more, or with so many',
    }),
    remove: Flags.string({
      helpValue: 'ID|N',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'without this member, or without so many',
    }),
    strategy: Flags.string({
      helpValue: 'average|circle|consistent-hash|FILE',
      summary: 'if all shared by this one (default: what the members tell)',
    }),
    queues: integerFlag({ min: 1, max: 10_000 })({
      helpValue: 'N',
      summary: 'with so many queues of the topic on each broker',
    }),
    'add-broker': Flags.string({
      helpValue: 'BROKER:QUEUES',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'with another broker that has so many queues of each topic',
    }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RebalancePlan)
    const context = this.begin(flags)
    const strategy = flags.strategy === undefined ? undefined : readFlag('strategy', flags.strategy, parseStrategy)
    const { group, clients, add, remove, queues } = flags
    const change = { clients, add, remove }
    const brokers = (flags['add-broker'] ?? []).map((text) => readFlag('add-broker', text, parseAddedBroker))
    const format = listFormat(flags, context)
    const request = { group, topic: args.topic, change, strategy, queues, brokers, format }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await planRebalance(request, { context, connection }))
    })
  }
}
