import { TopicAdmin } from '../../core/admin/index.ts'
import type { TopicRoute } from '../../core/client/index.ts'
import { isAbort, NotFoundError } from '../../core/errors.ts'
import { checkGroupName, checkTopicName } from '../../core/protocol/index.ts'
import { unlessAborted } from '../../core/support/index.ts'
import type { CommandContext } from '../command-context.ts'
import { type Connection } from '../connect.ts'
import { refuseReadOnly } from '../contexts/write-guard.ts'
import { invokeOptions } from '../invoke-options.ts'
import { OutputClosedError } from '../stdout-writer.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'
import { browseTopic } from './browse-topic.ts'
import { consumeAsMember } from './consume-as-member.ts'
import type { ConsumeRun } from './consume-run.ts'
import type { ConsumeSettings } from './consume-settings.ts'
import { openPrinting } from './print.ts'
import { Stopping } from './stopping.ts'
import { summaryLine, Tally } from './summary.ts'
import { keepYoungHeapSmall, optimizeLater } from './v8-flags.ts'

/** How a consume command has ended. */
export interface ConsumeEnd {
  /** What ended it, if that is a failure: a signal and a reader that has gone are none. */
  readonly failure: Error | undefined
  /** Something is still on its way to a reader that does not read: only the end of the process ends it. */
  readonly stuck: boolean
}

/**
 * Consumes or browses a topic until a condition, a signal, a broken output or a failure ends it, and says on stderr what was
 * done. Rejects with what kept it from beginning.
 */
export async function consumeTopic(
  settings: ConsumeSettings,
  options: Pick<ConsumeRun, 'context' | 'connection' | 'begin' | 'draw'>,
): Promise<ConsumeEnd> {
  const { context } = options
  const { clock } = context
  if (settings.flags.group !== undefined) {
    refuseReadOnly(await options.connection.guard(), 'a member of a group commits offsets', [
      'without --group the topic is only browsed',
    ])
  }
  keepYoungHeapSmall()
  if (settings.flags.group !== undefined) optimizeLater()
  const stopping = new Stopping()
  const tally = new Tally()
  const printing = openPrinting(settings, options)
  const route = await existingTopic(settings, options)
  stopping.follow(context.deadline.signal, 'timeout')
  stopping.follow(context.signal, 'signal')
  if (printing !== undefined) stopping.follow(printing.printer.broken, 'output-closed')
  const run: ConsumeRun = { ...options, settings, route, printing, stopping, tally }
  const started = clock.monotonic()
  try {
    await (settings.flags.group === undefined ? browseTopic(run) : consumeAsMember(run))
  } catch (error) {
    if (!(stopping.signal.aborted && isAbort(error))) throw error
  }
  const line = summaryLine(settings.flags.summary, tally, {
    millis: clock.monotonic() - started,
    stoppedBy: stopping.reason,
  })
  if (line !== undefined) context.say(line)
  return { failure: failureOf(stopping), stuck: printing?.printer.isWriting ?? false }
}

/** The topic's route. Rejects with UsageError for a bad name, NotFoundError with "did you mean", ConnectionError. */
async function existingTopic(
  { topic: name, flags }: ConsumeSettings,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<TopicRoute> {
  const topic = connection.wireName(name)
  checkTopicName(topic)
  if (flags.group !== undefined) checkGroupName(connection.wireName(flags.group))
  const { client } = connection
  const route = await unlessAborted(client.routes.get(topic, context), context.signal)
  if (route !== undefined) return route
  const error = new NotFoundError('topic', topic, `there is no topic ${name}`)
  throw await withTopicSuggestion(error, new TopicAdmin(client, invokeOptions(context)), connection)
}

function failureOf({ error }: Stopping): Error | undefined {
  if (error === undefined || isAbort(error)) return undefined
  if (error instanceof OutputClosedError && error.readerGone) return undefined
  return error instanceof Error ? error : new Error('the command failed', { cause: error })
}
