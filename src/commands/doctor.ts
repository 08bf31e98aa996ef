import { Args, Flags } from '@oclif/core'
import { parseStrategy } from '../cli/allocation-strategy.ts'
import { BaseCommand } from '../cli/base-command.ts'
import { doctor } from '../cli/doctor/doctor.ts'
import { STUCK_AFTER_MS } from '../cli/doctor/examine-groups.ts'
import { durationFlag, readFlag } from '../cli/flag-types.ts'
import { connectionFlags, listOutputFlag, watchFlag } from '../cli/flags.ts'
import { withDefaultValue } from '../cli/optional-value.ts'
import { listFormat } from '../cli/output/list.ts'
import { watchingCluster } from '../cli/watch.ts'

/** `mq doctor [-g GROUP] [TOPIC]` */
export default class Doctor extends BaseCommand {
  static override summary = 'find out why a group does not consume as it should; 8 when something is wrong'
  static override description =
    'What is looked for, by id: docs/doctor.md. Whatever may be wrong is looked at again 2 s later, and told if it still is.'
  static override examples = [
    '<%= config.bin %> doctor -g billing',
    '<%= config.bin %> doctor -g billing --stack',
    '<%= config.bin %> doctor --json | jq -r .findings[].next',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; without -g, all groups that consume it' }),
  }
  static override flags = {
    group: Flags.string({ char: 'g', summary: 'the consumer group (default: all)' }),
    stack: Flags.boolean({ summary: 'what the member of a stuck queue does right now' }),
    'stuck-after': durationFlag({
      default: STUCK_AFTER_MS,
      helpValue: '1m',
      summary: 'a message that is worked at for longer, and for twice the time of others, is stuck',
    }),
    strategy: Flags.string({
      helpValue: 'average|circle|consistent-hash|FILE',
      summary: 'how members share that do not tell it',
    }),
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Doctor, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const strategy = flags.strategy === undefined ? undefined : readFlag('strategy', flags.strategy, parseStrategy)
    const { group, stack, 'stuck-after': stuckAfterMs } = flags
    const request = { group, topic: args.topic, stack, stuckAfterMs, strategy, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => doctor(request, parts)))
  }
}
