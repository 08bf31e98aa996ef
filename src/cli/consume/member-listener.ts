import { randomInt } from 'node:crypto'
import type {
  ConsumeConcurrentlyContext,
  MessageListenerConcurrently,
  MessageListenerOrderly,
} from '../../core/consumer/index.ts'
import { type MessageExt, type MessageQueue, queueKey } from '../../core/protocol/index.ts'
import type { ConsumeRun } from './consume-run.ts'
import type { ConsumeFlagValues } from './consume-settings.ts'
import { ExecHandler } from './exec-handler.ts'
import { moduleHandler } from './handler-module.ts'
import { confirmLock, inOrder, mayGoOn } from './in-order.ts'
import { consumeListener, countingListener, type FailPolicy, type MessageHandler } from './listener.ts'
import { printHandler } from './print.ts'
import { optimizeFromFirstCall } from './v8-flags.ts'

/** Java's `consumeTimeout`. */
export const CONSUME_TIMEOUT_MS = 900_000

/** The listener of a member, with what must be ended after it. */
export interface MemberListener {
  readonly listener: MessageListenerConcurrently | undefined
  /** Instead, with `--orderly`. */
  readonly orderlyListener: MessageListenerOrderly | undefined
  readonly close: () => void
}

/** Builds the listener the flags ask for: it counts, prints or runs a command. */
export function memberListener(
  run: ConsumeRun,
  endOf: ((queue: MessageQueue) => number | undefined) | undefined,
): MemberListener {
  const { listener: plain, close } = plainListener(run, endOf)
  const listener = optimizeFromFirstCall(plain)
  return run.settings.flags.orderly
    ? { listener: undefined, orderlyListener: inOrder(listener), close }
    : { listener, orderlyListener: undefined, close }
}

function plainListener(
  run: ConsumeRun,
  endOf: ((queue: MessageQueue) => number | undefined) | undefined,
): { readonly listener: MessageListenerConcurrently; readonly close: () => void } {
  const { settings, context, stopping, tally } = run
  const { flags, filter } = settings
  const { sleep = 0, 'fail-rate': failRate = 0, 'max-messages': maxMessages } = flags
  const { handler, close } = messageHandler(run)
  const plain = filter === undefined && maxMessages === undefined && endOf === undefined && sleep + failRate === 0
  if (handler === undefined && plain) return { listener: countingListener(tally), close }
  const listener = consumeListener({
    handler: handler ?? (() => 'DONE'),
    filter,
    maxMessages,
    isPastEnd: endOf && pastEnd(endOf),
    onFail: flags['on-fail'] ?? usualFailPolicy(flags),
    delayLevel: flags['delay-level'] ?? 0,
    sleepMs: sleep,
    failRate,
    confirmLock: flags.orderly ? confirmLock : undefined,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    tally,
    stopping,
    clock: context.clock,
    logger: context.logger,
  })
  return { listener, close }
}

function usualFailPolicy({ orderly, broadcast }: ConsumeFlagValues): FailPolicy {
  if (orderly) return 'suspend'
  return broadcast ? 'skip' : 'retry'
}

function pastEnd(endOf: (queue: MessageQueue) => number | undefined) {
  return (message: MessageExt, { messageQueue }: ConsumeConcurrentlyContext): boolean => {
    const end = endOf(messageQueue)
    return end !== undefined && message.queueOffset >= end
  }
}

function messageHandler(run: ConsumeRun): { handler: MessageHandler | undefined; close: () => void } {
  const { settings, printing, tally } = run
  const { flags, handler } = settings
  if (flags.exec !== undefined) return execHandler(run, flags.exec)
  if (handler !== undefined)
    return {
      handler: moduleHandler(handler, { group: flags.group ?? '', orderly: flags.orderly }),
      close: () => undefined,
    }
  return {
    handler: printing && printHandler(printing, tally, flags.orderly ? mayGoOn : undefined),
    close: () => undefined,
  }
}

function execHandler(run: ConsumeRun, command: string): { handler: MessageHandler; close: () => void } {
  const { settings, context, connection } = run
  const { flags } = settings
  const exec = new ExecHandler({
    command,
    group: flags.group ?? '',
    timeoutMs: flags['consume-timeout'] ?? CONSUME_TIMEOUT_MS,
    env: context.env,
    clock: context.clock,
    userName: (topic) => connection.userName(topic),
    jsonLines: (flags.batch ?? 1) > 1,
  })
  // A second signal ends this process at once, and must not leave those it has started behind.
  const kill = (): void => {
    exec.kill()
  }
  process.once('exit', kill)
  return {
    handler: (messages, call) =>
      exec.handle(messages, call.messageQueue, lockSignal(flags, call)).then(() => 'DONE' as const),
    close: () => {
      process.removeListener('exit', kill)
    },
  }
}

/** In order, what runs for a queue is ended when the queue's lock is lost: it may be consumed elsewhere now. */
function lockSignal(
  { orderly }: { readonly orderly: boolean },
  call: ConsumeConcurrentlyContext,
): AbortSignal | undefined {
  return orderly ? call.signal : undefined
}

/** Keys of queues to a lookup by queue. */
export function byQueue<T>(map: ReadonlyMap<string, T>): (queue: MessageQueue) => T | undefined {
  return (queue) => map.get(queueKey(queue))
}
