import { TopicAdmin } from '../core/admin/index.ts'
import type { CommandContext } from './command-context.ts'
import type { Connection } from './connect.ts'
import { ExitCode } from './error-report.ts'
import { invokeOptions } from './invoke-options.ts'
import type { ListFormat } from './output/list.ts'
import { printList } from './output/print-list.ts'
import { topicColumns, topicItems } from './topic-presenter.ts'

/** How topics are listed. */
export interface ListTopicsRequest {
  /** Retry, dead-letter and the brokers' own topics too. */
  readonly all: boolean
  readonly format: ListFormat
}

/** Writes the topics of a cluster. Resolves to the exit code: 6 when a broker did not answer. */
export async function listTopics(
  request: ListTopicsRequest,
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { context, connection } = parts
  const { topics, errors } = await new TopicAdmin(connection.client, invokeOptions(context)).list()
  const list = {
    name: 'topics',
    items: topicItems(topics, { all: request.all, connection }),
    columns: topicColumns,
    errors: errors.map(({ source, error }) => ({ source, message: error.message })),
  }
  await printList(list, request.format, context)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}
