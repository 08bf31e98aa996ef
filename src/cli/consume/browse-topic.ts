import { type BrowseRange, Browser } from '../../core/consumer/index.ts'
import { RocketMQError } from '../../core/errors.ts'
import { type MessageExt, type MessageQueue, queueName } from '../../core/protocol/index.ts'
import { unlessAborted } from '../../core/support/index.ts'
import type { Positions } from '../position/position.ts'
import { noSuchQueue } from '../position/resolve.ts'
import type { ConsumeRun } from './consume-run.ts'
import { byQueue } from './member-listener.ts'
import { resolveAndTell } from './member-start.ts'
import { watchConditions } from './stopping.ts'

/** How long what was read may take to be printed after a signal. */
const LAST_PRINT_MS = 1000

/** Reads a topic without a group and without a trace until its end, or until something stops it. */
export async function browseTopic(run: ConsumeRun): Promise<void> {
  const { settings, context, connection, route, printing, stopping, tally, begin } = run
  const { flags } = settings
  const includes = wantedQueues(flags.queue, route.subscribeQueues)
  const rangeOf = await ranges(run, route.subscribeQueues.filter(includes))
  const browser = new Browser(connection.client, {
    topic: route.topic,
    tags: flags.tags,
    sql: flags.sql,
    includes,
    rangeOf,
    pullBatchSize: flags['pull-batch'],
    deliver: deliverer(run),
  })
  try {
    await unlessAborted(browser.start(), stopping.signal)
    begin()
    browser.finished.then(
      () => {
        stopping.stop(flags.until === undefined ? 'caught-up' : 'until')
      },
      (error: unknown) => {
        stopping.stop('error', error)
      },
    )
    const conditions = { idleMs: flags.idle, forMs: flags.for, seen: () => tally.seen, done: undefined }
    await watchConditions(stopping, conditions, context.clock)
    await stopping.stopped()
  } finally {
    await browser.close()
    if (printing !== undefined) await lastPrint(run, printing.printer.drained())
  }
}

/** After a signal a reader that does not read is not waited for: nothing is lost, since nothing was taken. */
async function lastPrint({ context, stopping }: ConsumeRun, drained: Promise<void>): Promise<void> {
  if (stopping.reason === 'signal' || stopping.reason === 'timeout') {
    await Promise.race([drained, context.clock.sleep(LAST_PRINT_MS)])
  } else await drained
}

function wantedQueues(
  names: readonly string[] | undefined,
  queues: readonly MessageQueue[],
): (queue: MessageQueue) => boolean {
  if (names === undefined) return () => true
  const known = new Set(queues.map(queueName))
  const wanted = new Set(names.map((name) => name.trim()))
  for (const name of wanted) if (!known.has(name)) throw noSuchQueue(name, queues)
  return (queue) => wanted.has(queueName(queue))
}

/** Where each queue begins and ends. What refuses a position does so here, before anything is read. */
async function ranges(
  run: ConsumeRun,
  queues: readonly MessageQueue[],
): Promise<(queue: MessageQueue, options: { readonly late: boolean }) => Promise<BrowseRange>> {
  const { settings, connection } = run
  const { queueOffsets } = connection.client
  const { tail, 'until-caught-up': untilCaughtUp } = settings.flags
  const last: Positions = { all: { kind: 'last' } }
  // A list may name queues that are left out.
  const resolve = async (positions: Positions) =>
    byQueue(await resolveAndTell(positions, run, 'all' in positions ? queues : run.route.subscribeQueues))
  const starts = await resolve(settings.from ?? last)
  const ends = settings.until && (await resolve(settings.until))
  const start = async (queue: MessageQueue): Promise<number> => {
    const given = starts(queue)
    if (given === undefined) return queueOffsets.max(queue)
    return tail === undefined ? given.offset : Math.max(given.min, given.max - tail)
  }
  return async (queue, { late }) => {
    // What appears after the start is all new.
    if (late) return { start: await queueOffsets.min(queue), end: untilCaughtUp || ends ? 0 : undefined }
    const bounds = [ends?.(queue)?.offset, untilCaughtUp ? await queueOffsets.max(queue) : undefined]
    const end = Math.min(...bounds.map((bound) => bound ?? Number.POSITIVE_INFINITY))
    return { start: await start(queue), end: Number.isFinite(end) ? end : undefined }
  }
}

function deliverer(run: ConsumeRun) {
  const { settings, printing, stopping, tally } = run
  const { filter, flags } = settings
  let left = flags['max-messages'] ?? Number.POSITIVE_INFINITY
  return (messages: readonly MessageExt[]): Promise<void> | undefined => {
    for (const message of messages) {
      if (stopping.signal.aborted) return undefined
      if (filter !== undefined && !filter(message)) {
        tally.filtered += 1
        continue
      }
      if (!show(message, run)) continue
      tally.messages += 1
      left -= 1
      if (left === 0) stopping.stop('max-messages')
    }
    return printing?.printer.room()
  }
}

/** Prints a message; one that cannot be read is told, counted and passed over. */
function show(message: MessageExt, { printing, context, tally }: ConsumeRun): boolean {
  try {
    printing?.printer.print(printing.output.format(message))
    return true
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    tally.failed += 1
    const where = `${message.brokerName}:${message.queueId}@${message.queueOffset}`
    context.logger.warn(`cannot show the message at ${where}: ${error.message}`)
    return false
  }
}
