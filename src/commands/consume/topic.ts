import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { consumeFlags } from '../../cli/consume/consume-flags.ts'
import { consumeSettings, withHandler } from '../../cli/consume/consume-settings.ts'
import { consumeTopic } from '../../cli/consume/consume-topic.ts'
import { openEnded } from '../../cli/consume/open-ended.ts'
import { FEED_SOCKET } from '../../cli/consume/watch-flags.ts'
import { type Pictures, requireScreen, type ShowScreen, showScreen } from '../../cli/dashboard/screen.ts'
import { connectionFlags } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'

/** Loaded late: it is heavy. */
const show: ShowScreen = async (options) => (await import('../../ui/index.ts')).showDashboard(options)

/** `mq consume topic TOPIC`, in short `mq consume TOPIC` */
export default class ConsumeTopic extends BaseCommand {
  static override aliases = ['consume']
  static override summary = 'consume a topic as a member of a group, or browse it without one'
  static override description =
    `Printing is consuming: a message is acknowledged only after stdout took its line, so that head, a full disk or a
kill loses nothing. SIGINT and SIGTERM end it in order (exit code 130 and 143); a second signal ends it at once.`
  static override examples = [
    '<%= config.bin %> consume orders --from first --until-caught-up',
    "<%= config.bin %> consume orders --tail 10 --tags 'paid || refunded'",
    '<%= config.bin %> consume topic orders --group billing --concurrency 50 --output jsonl',
    "<%= config.bin %> consume topic orders --group mailer --exec './send-mail.sh' --on-fail dlq",
    '<%= config.bin %> consume orders --group billing --strategy consistent-hash',
    "<%= config.bin %> consume orders --group billing --handler ./bill.mjs --sql 'amount > 100 AND currency IS NOT NULL'",
    String.raw`<%= config.bin %> consume orders --from '2h ago' --format '%b:%q@%o %k %s\n'`,
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'its name' }),
  }
  static override flags = { ...consumeFlags, ...connectionFlags }

  #stuck = false

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumeTopic, withDefaultValue(this.argv, '--feed', FEED_SOCKET))
    const { context, begin } = openEnded(this.begin(flags))
    const settings = await withHandler(consumeSettings(args.topic, flags, context))
    if (flags.dashboard) requireScreen(context)
    const { failure, stuck } = await withConnection(
      context,
      flags,
      (connection) => {
        const draw = (pictures: Pictures, signal: AbortSignal): Promise<void> =>
          showScreen(pictures, {
            context: { ...context, signal },
            flags,
            show,
            ascii: false,
            help: { connection, examined: [] },
          })
        return consumeTopic(settings, { context, connection, begin, draw })
      },
      { unit: flags.room },
    )
    this.#stuck = stuck
    if (failure !== undefined) throw failure
    this.exitInterrupted()
  }

  protected override async finally(): Promise<void> {
    await super.finally()
    // Only the end of the process ends a write that nobody takes.
    if (this.#stuck) process.exit()
  }
}
