import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags, verifyFlag, writeFlags } from '../../cli/flags.ts'
import { resetOffsets } from '../../cli/offsets/reset-offsets.ts'

/** `mq offsets reset -g GROUP TOPIC --to POSITION` */
export default class OffsetsReset extends BaseCommand {
  static override summary = 'move a group to another position, after a review, and prove that it moved'
  static override examples = [
    "<%= config.bin %> offsets reset -g billing orders --to '2h ago' --dry-run",
    '<%= config.bin %> offsets reset -g billing orders --to first --queue broker-a:0,broker-a:1',
    '<%= config.bin %> offsets reset -g billing orders --to broker-a:0=1200,broker-a:1=first --yes',
    '<%= config.bin %> offsets reset -g billing orders --to last --plan-out plan.json',
    '<%= config.bin %> offsets reset --plan plan.json --yes',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'where' }),
  }
  static override flags = {
    group: Flags.string({ char: 'g', summary: 'the consumer group' }),
    to: Flags.string({
      helpValue: 'POSITION',
      summary: 'where to go on',
      description: `first, last, =1200, +100, -100, a time (2026-11-20T10:00:00+08:00, 1732070400), 2h ago, @other-group,
file:snapshot.json, or one for each queue: broker-a:0=1200,broker-a:1=first.`,
    }),
    queue: Flags.string({
      helpValue: 'broker-a:0,broker-a:1',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'only these queues',
    }),
    tz: Flags.string({ helpValue: 'Asia/Shanghai', summary: 'time zone of times that name none (the local one)' }),
    'plan-out': Flags.string({
      helpValue: 'FILE',
      exclusive: ['plan'],
      summary: 'write the plan there for a review, and change nothing',
    }),
    plan: Flags.string({ helpValue: 'FILE', summary: 'carry out a plan written by --plan-out' }),
    drift: integerFlag({ min: 0 })({
      default: 0,
      summary: 'with --plan: how many messages a queue may have moved since',
    }),
    verify: verifyFlag,
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsReset)
    const context = this.begin(flags)
    const { group, to, queue, tz, plan, drift } = flags
    const request = {
      group,
      topic: args.topic,
      to,
      queues: queue,
      timeZone: tz,
      planOut: flags['plan-out'],
      plan,
      drift,
    }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await resetOffsets(request, { context, connection, flags }))
    })
  }
}
