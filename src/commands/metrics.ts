import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { withConnection } from '../cli/connect.ts'
import { connectionFlags } from '../cli/flags.ts'
import { groupMetrics } from '../cli/metrics/group-metrics.ts'
import { listenFlag } from '../cli/metrics/listen-flag.ts'

/** `mq metrics -g GROUP` */
export default class Metrics extends BaseCommand {
  static override summary = 'serve figures of groups for Prometheus, of members of any client language'
  static override description =
    `Whenever somebody asks for /metrics, the brokers are asked, and by them every member. docs/metrics.md names every metric;
docs/grafana-board.json shows them. A consumer of mq serves its own with mq consume --metrics-port.`
  static override examples = [
    '<%= config.bin %> metrics -g billing',
    '<%= config.bin %> metrics -g billing -g mailer --port 0.0.0.0:9464',
    '<%= config.bin %> metrics -g billing --once | grep mq_group_lag_messages',
  ]
  static override flags = {
    group: Flags.string({
      char: 'g',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'a consumer group; may be given again',
    }),
    port: listenFlag({ default: { host: '127.0.0.1', port: 9464 }, defaultHelp: () => Promise.resolve('9464') }),
    once: Flags.boolean({ summary: 'write them to stdout, once' }),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Metrics)
    const context = this.begin(flags)
    const request = { groups: flags.group, listen: flags.port, once: flags.once }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await groupMetrics(request, { context, connection }))
    })
    this.exitInterrupted()
  }
}
