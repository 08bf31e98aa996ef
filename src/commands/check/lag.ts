import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { asPlugin, checkLag, requireLimits } from '../../cli/check/check-lag.ts'
import { lagFormats } from '../../cli/check/lag-output.ts'
import { withConnection } from '../../cli/connect.ts'
import { durationFlag, integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags, groupFlag } from '../../cli/flags.ts'

const count = integerFlag({ min: 0 })

/** `mq check lag -g GROUP [TOPIC]` */
export default class CheckLag extends BaseCommand {
  static override summary = 'check that a group is not too far behind: a line and an exit code, for cron and alerting'
  static override description =
    '0: within the limits, 8: beyond one, 6: not all is known. With --format nagios the codes are 0, 1, 2 and 3, as its plugins have them.'
  static override examples = [
    '<%= config.bin %> check lag -g billing --max 1000 --max-age 5m',
    '<%= config.bin %> check lag -g billing orders --warn 1000 --max 10000 --format nagios',
    '<%= config.bin %> check lag -g billing --format prometheus > /var/lib/node_exporter/mq.prom',
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'only this one; else all the group consumes' }),
  }
  static override flags = {
    group: groupFlag(),
    max: count({ helpValue: '1000', summary: 'more messages than this that wait are wrong' }),
    'max-age': durationFlag({ helpValue: '5m', summary: 'a message that has waited for longer is wrong' }),
    warn: count({ helpValue: '100', summary: 'more than this are worth a warning' }),
    'warn-age': durationFlag({ helpValue: '1m', summary: 'one that has waited for longer is worth a warning' }),
    'max-retry': count({ helpValue: '100', summary: 'more messages that failed and are due again are wrong' }),
    'max-dlq': count({ helpValue: '0', summary: 'more dead letters are wrong' }),
    format: Flags.option({ options: lagFormats, default: 'text' as const })({ summary: 'how the result is written' }),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CheckLag)
    const context = this.begin(flags)
    const limits = {
      max: flags.max,
      maxAgeMs: flags['max-age'],
      warn: flags.warn,
      warnAgeMs: flags['warn-age'],
      maxRetry: flags['max-retry'],
      maxDlq: flags['max-dlq'],
    }
    const format = flags.json ? 'json' : flags.format
    requireLimits(limits, format)
    const request = { group: flags.group, topic: args.topic, limits, format }
    const work = () => withConnection(context, flags, (connection) => checkLag(request, { context, connection }))
    this.exitWith(await asPlugin(request, work))
  }
}
