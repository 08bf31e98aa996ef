import { BaseCommand } from '../../cli/base-command.ts'
import { listFeeds } from '../../cli/feed/list-feeds.ts'
import { listOutputFlag } from '../../cli/flags.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq feed list` */
export default class FeedList extends BaseCommand {
  static override summary = 'list the feeds of consumers that run on this host, of this user'
  static override examples = ['<%= config.bin %> feed list', '<%= config.bin %> feed list --json | jq .feeds[].pid']
  static override flags = { output: listOutputFlag() }

  async run(): Promise<void> {
    const { flags } = await this.parse(FeedList)
    const context = this.begin(flags)
    await listFeeds(listFormat(flags, context), context)
  }
}
