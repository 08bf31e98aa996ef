import {
  type ConsumerOptions,
  type HeldQueue,
  type PopQueue,
  PushConsumer,
  type Subscription,
} from '../../core/consumer/index.ts'
import { UsageError } from '../../core/errors.ts'
import { type MessageQueue, queueKey } from '../../core/protocol/index.ts'
import { unlessAborted } from '../../core/support/index.ts'
import { traceOption } from '../trace-option.ts'
import { broadcasting } from './broadcast.ts'
import type { ConsumeRun } from './consume-run.ts'
import type { ConsumeFlagValues } from './consume-settings.ts'
import { byQueue, CONSUME_TIMEOUT_MS, memberListener } from './member-listener.ts'
import { memberStart, resolveAndTell } from './member-start.ts'
import { memberStrategy } from './member-strategy.ts'
import { committedLine, isPast, ownedLine, poppedLine } from './owned-queues.ts'
import { type StopConditions, watchConditions } from './stopping.ts'
import { openWatchers, type Watchers } from './watchers.ts'

/** The consume timeout of printing: no reader is too slow. */
const NO_TIMEOUT_MS = 2_147_483_647
/** How long what is consumed may take to be printed at the end; what is not comes again. */
const LAST_PRINT_MS = 5000
/** A handler's own time is over before the engine's. */
const TIMEOUT_SLACK_MS = 10_000

/** Consumes as a member of a group until something stops it; leaves the group when all that runs has ended. */
export async function consumeAsMember(run: ConsumeRun): Promise<void> {
  const { settings, context, connection, route, stopping, begin } = run
  const { flags } = settings
  const strategy = await memberStrategy(run)
  const endOf = await ends(run)
  checkConcurrency(run)
  const { listener, orderlyListener, close } = memberListener(run, endOf)
  const { consumeFromWhere, setZeroIfNotFound, begun } = await memberStart(run)
  const { client, parts } = flags.broadcast ? await broadcasting(run) : { client: connection.client, parts: {} }
  const consumer: PushConsumer = new PushConsumer(client, {
    ...engineOptions(run),
    ...(strategy === undefined ? {} : { strategy }),
    ...parts,
    consumeFromWhere,
    setZeroIfNotFound,
    group: connection.wireName(flags.group ?? ''),
    subscriptions: [subscription(route.topic, flags)],
    trace: traceOption(flags),
    listener,
    orderlyListener,
    onQueuesChanged: queueTeller(run, { begun, queues: () => consumer.queues, popped: () => consumer.popQueues }),
  })
  let watchers: Watchers | undefined
  try {
    watchers = await openWatchers(run, consumer, client)
    await unlessAborted(consumer.start(), stopping.signal)
    begin()
    await watchConditions(stopping, conditions(run, { consumer, endOf }), context.clock)
    await stopping.stopped()
  } finally {
    begin()
    await consumer.close()
    await watchers?.close()
    close()
  }
}

/** Throws UsageError where more calls are asked for than queues can have. */
function checkConcurrency({ settings, route }: ConsumeRun): void {
  const { orderly, concurrency } = settings.flags
  const queues = route.subscribeQueues.length
  if (!orderly || concurrency === undefined || concurrency <= queues) return
  const has = `${settings.topic} has ${queues === 1 ? '1 queue' : `${queues} queues`}`
  throw new UsageError(
    `with --orderly each queue has one call at a time, and ${has}: --concurrency ${concurrency} is more`,
    {
      suggestions: [`--concurrency ${queues} or less`, 'leave out --orderly'],
    },
  )
}

function subscription(topic: string, { tags, sql }: ConsumeFlagValues): Subscription {
  return sql === undefined ? { topic, tags } : { topic, sql }
}

type EndOf = (queue: MessageQueue) => number | undefined

async function ends(run: ConsumeRun): Promise<EndOf | undefined> {
  const { until } = run.settings
  if (until === undefined) return undefined
  const resolved = byQueue(await resolveAndTell(until, run))
  return (queue) => resolved(queue)?.offset
}

function engineOptions({ settings, printing }: ConsumeRun): Partial<ConsumerOptions> {
  const { flags } = settings
  const timeout = flags['consume-timeout'] ?? (printing === undefined ? CONSUME_TIMEOUT_MS : NO_TIMEOUT_MS)
  const given = {
    concurrency: flags.concurrency,
    consumeMessageBatchMaxSize: flags.batch,
    maxReconsumeTimes: flags['max-reconsume'],
    pullBatchSize: flags['pull-batch'],
    pullThresholdForQueue: flags['pull-threshold'],
    pullThresholdSizeForQueue: flags['pull-threshold-size'],
    consumeConcurrentlyMaxSpan: flags['max-span'],
    pullInterval: flags['pull-interval'],
    handoverMs: flags.handover,
    consumeTimeoutMs: flags.exec === undefined ? timeout : later(timeout),
    awaitTerminationMs:
      flags.exec === undefined && flags.handler === undefined ? LAST_PRINT_MS + (flags.sleep ?? 0) : later(timeout),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** A process is ended by its own time, or by a second signal; never by the engine's patience. */
function later(timeoutMs: number): number {
  return Math.min(NO_TIMEOUT_MS, timeoutMs + TIMEOUT_SLACK_MS)
}

function queueTeller(
  run: ConsumeRun,
  {
    begun,
    queues,
    popped,
  }: {
    readonly begun: ReadonlySet<string>
    readonly queues: () => readonly HeldQueue[]
    readonly popped: () => readonly PopQueue[]
  },
): (topic: string) => void {
  const { settings, context, route } = run
  const { from, group = '' } = settings.flags
  let first = true
  let byPop = false
  return (topic) => {
    if (topic !== route.topic) return
    if (popped().some(({ messageQueue }) => messageQueue.topic === topic)) {
      if (!byPop) context.say(poppedLine(settings.topic, group))
      byPop = true
      return
    }
    const held = queues().filter(({ messageQueue }) => messageQueue.topic === topic)
    // Going over to pulling: the queues come with the next word.
    if (byPop && held.length === 0) return
    byPop = false
    context.say(
      ownedLine(
        settings.topic,
        held.map(({ messageQueue }) => messageQueue),
      ),
    )
    const line = first && from !== undefined ? committedLine(from, group, counted(held, begun)) : undefined
    if (line !== undefined) context.say(line)
    first = false
  }
}

/** Not those in which the start itself was committed by this command. */
function counted(held: readonly HeldQueue[], begun: ReadonlySet<string>): readonly HeldQueue[] {
  return held.filter(({ messageQueue }) => !begun.has(queueKey(messageQueue)))
}

function conditions(
  { settings, tally }: ConsumeRun,
  { consumer, endOf }: { readonly consumer: PushConsumer; readonly endOf: EndOf | undefined },
): StopConditions {
  const { flags } = settings
  const untilCaughtUp = flags['until-caught-up']
  return {
    idleMs: flags.idle,
    forMs: flags.for,
    seen: () => tally.seen,
    done:
      untilCaughtUp || endOf !== undefined
        ? () => {
            if (untilCaughtUp && consumer.caughtUp) return 'caught-up'
            return endOf !== undefined && consumer.balanced && isAtEnd(consumer, endOf) ? 'until' : undefined
          }
        : undefined,
  }
}

/** Popped messages come from any queue: there the end is that nothing more is left. */
function isAtEnd({ queues, popQueues }: PushConsumer, endOf: EndOf): boolean {
  return isPast(queues, endOf) && popQueues.every(({ caughtUp }) => caughtUp)
}
