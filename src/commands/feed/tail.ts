import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { eventsFlag, rateFlag } from '../../cli/feed/feed-flags.ts'
import { tailFeed, tailForms } from '../../cli/feed/tail-feed.ts'
import { integerFlag } from '../../cli/flag-types.ts'

/** `mq feed tail [PID]` */
export default class FeedTail extends BaseCommand {
  static override summary = 'follow the feed of a consumer: how it stands, and what happens in it'
  static override description =
    `A line of -o jsonl is a snapshot, or an event, which has a type. docs/telemetry.md names every field.
A recording without events can be replayed: mq feed tail --events none -o jsonl > FILE, mq dashboard --replay FILE.`
  static override examples = [
    '<%= config.bin %> feed tail',
    "<%= config.bin %> feed tail 4242 -o jsonl | jq 'select(.type).type'",
    '<%= config.bin %> feed tail 4242 --events all --rate 5',
  ]
  static override args = {
    feed: Args.string({ ignoreStdin: true, description: 'process or client id of the consumer; else the only one' }),
  }
  static override flags = {
    output: Flags.option({ char: 'o', options: tailForms })({
      helpGroup: 'GLOBAL',
      summary: 'how it is written (line on a terminal, jsonl in a pipe)',
    }),
    rate: rateFlag(),
    events: eventsFlag(),
    count: integerFlag({ min: 1 })({ char: 'c', summary: 'end after so many snapshots' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeedTail)
    const context = this.begin(flags)
    const { rate, events, count, json } = flags
    const form = json ? 'jsonl' : (flags.output ?? (context.terminal.stdout ? 'line' : 'jsonl'))
    await tailFeed({ feed: args.feed, form, rate, events, count }, context)
    this.exitInterrupted()
  }
}
