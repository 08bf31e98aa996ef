import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { consumeSettings } from '../../cli/consume/consume-settings.ts'
import { consumeTopic } from '../../cli/consume/consume-topic.ts'
import { openEnded } from '../../cli/consume/open-ended.ts'
import { ExitCode } from '../../cli/error-report.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags } from '../../cli/flags.ts'
import { leaveOutSilent } from '../../cli/messages/answering-queues.ts'
import { peekAsBrowse, peekFlags } from '../../cli/messages/peek.ts'

/** `mq messages peek TOPIC` */
export default class MessagesPeek extends BaseCommand {
  static override summary = 'look at some messages of a topic, without a group and without a trace'
  static override description =
    `Ends when it has shown so many, or all there were when it began. Nothing is committed, nobody joins a group.`
  static override examples = [
    '<%= config.bin %> messages peek orders',
    "<%= config.bin %> messages peek orders --from '2h ago' -m 100 --grep refund",
    '<%= config.bin %> messages peek orders --tail 1 --queue broker-a:0',
    "<%= config.bin %> messages peek '%RETRY%billing' -o jsonl",
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'its name' }),
  }
  static override flags = {
    'max-messages': integerFlag({ min: 1 })({
      char: 'm',
      default: 10,
      helpGroup: 'RANGE',
      summary: 'so many at most',
    }),
    ...peekFlags,
    ...connectionFlags,
  }

  #stuck = false

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MessagesPeek)
    const { context, begin } = openEnded(this.begin(flags))
    const settings = consumeSettings(args.topic, peekAsBrowse(flags), context)
    const { failure, stuck, silent } = await withConnection(context, flags, async (connection) => {
      const reachable = await leaveOutSilent(settings, { context, connection })
      const done = await consumeTopic(reachable.settings, { context, connection, begin })
      return { ...done, silent: reachable.silent }
    })
    this.#stuck = stuck
    if (failure !== undefined) throw failure
    this.exitInterrupted()
    for (const { broker, error } of silent) context.say(`not complete: ${broker}: ${error.message}`)
    if (silent.length > 0) this.exit(ExitCode.PARTIAL)
  }

  protected override async finally(): Promise<void> {
    await super.finally()
    // Only the end of the process ends a write that nobody takes.
    if (this.#stuck) process.exit()
  }
}
