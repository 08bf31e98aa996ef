import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { listTopics } from '../../cli/list-topics.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq topics list` */
export default class TopicsList extends BaseCommand {
  static override summary = 'list topics with their queues'
  static override examples = [
    '<%= config.bin %> topics list',
    '<%= config.bin %> topics list --all --output wide --namesrv 10.0.0.5:9876',
    '<%= config.bin %> topics list | jq -r .topic',
  ]
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: "retry, dead-letter and the broker's own topics too" }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(TopicsList)
    const context = this.begin(flags)
    const request = { all: flags.all, format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await listTopics(request, { context, connection }))
    })
  }
}
