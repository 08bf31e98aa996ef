import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { ExitCode } from '../../cli/error-report.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { invokeOptions } from '../../cli/invoke-options.ts'
import { listFormat } from '../../cli/output/list.ts'
import { printList } from '../../cli/output/print-list.ts'
import { topicColumns, topicItems } from '../../cli/topic-presenter.ts'
import { TopicAdmin } from '../../core/admin/index.ts'

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
    await withConnection(context, flags, async (connection) => {
      const { topics, errors } = await new TopicAdmin(connection.client, invokeOptions(context)).list()
      const items = topicItems(topics, { all: flags.all, connection })
      const list = {
        name: 'topics',
        items,
        columns: topicColumns,
        errors: errors.map(({ source, error }) => ({ source, message: error.message })),
      }
      await printList(list, listFormat(flags, context), context)
      if (errors.length > 0) this.exitWith(ExitCode.PARTIAL)
    })
  }
}
