import { TaskScope } from '../../support/index.ts'
import { Acknowledgements } from '../pop/acknowledgements.ts'
import { InvisibleTime } from '../pop/invisible-time.ts'
import type { PopLoopParts } from '../pop/pop-loop.ts'
import { PopMessage } from '../pop/pop-message.ts'
import type { PopRebalance } from '../pop/pop-rebalance.ts'
import { PopTable } from '../pop/pop-table.ts'
import { PoppedMessages } from '../pop/popped-messages.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { maxReconsumeTimes, messageBack } from './concurrent-service.ts'
import type { EngineContext } from './engine-context.ts'
import { popRebalance } from './pop-rebalance.ts'

/** The parts that consume by POP where brokers ask for it. */
export interface Popping {
  readonly table: PopTable
  readonly popped: PoppedMessages
  readonly rebalance: PopRebalance
  /** Ends popping, and hands back what nobody has begun to consume. */
  stop(): void
  /** Hands back what is unfinished; resolves when the brokers know of everything, or after a while. */
  close(): Promise<void>
}

/** What popping needs from the rest of the engine. */
export interface AroundPopping {
  readonly arrived: (processQueue: ProcessQueue) => void
  readonly released: () => void
  /** Whether queues of a topic are pulled, or being given up. */
  readonly isPulled: (topic: string) => boolean
}

/** Wires POP: mode → pop loops → ProcessQueue; results go to the brokers message by message. */
export function popping(context: EngineContext, around: AroundPopping): Popping {
  const { client, group, pulling } = context
  const { clock, logger, remoting, routes } = client
  // Outlives the loops: what is consumed at the end is acknowledged as well.
  const acknowledging = new TaskScope({
    clock,
    onError: (error, task) => {
      logger.warn(`${task} failed: ${String(error)}`)
    },
  })
  const masterOf = (brokerName: string, topic: string): Promise<string | undefined> =>
    routes.findMaster(brokerName, topic)
  const remote = { group, remoting, masterOf }
  const { toDeadLetters } = deadLetters(context)
  const popped = new PoppedMessages({
    clock,
    logger,
    acks: new Acknowledgements({ ...remote, clock, logger, scope: acknowledging }),
    invisibleTime: new InvisibleTime(remote),
    invisibleMs: context.options.popInvisibleTime,
    consumeTimeoutMs: context.options.consumeTimeoutMs,
    maxReconsumeTimes: maxReconsumeTimes(context.options),
    deadLetter: toDeadLetters,
  })
  const table = new PopTable({
    clock,
    scope: pulling,
    loopParts: loopParts(context, { popped, pops: new PopMessage(remote), arrived: around.arrived }),
    finished: (message) => {
      popped.finished(message)
    },
    released: around.released,
  })
  return {
    table,
    popped,
    rebalance: popRebalance(context, { table, isPulled: around.isPulled }),
    stop: () => {
      table.revokeAll()
      popped.handBackWaiting()
    },
    close: async () => {
      await popped.close()
      await acknowledging.close()
    },
  }
}

function loopParts(context: EngineContext, parts: Pick<PopLoopParts, 'popped' | 'pops' | 'arrived'>): PopLoopParts {
  const { client, options, subscriptions, stats, pause, events } = context
  return {
    ...parts,
    clock: client.clock,
    logger: client.logger,
    subscriptionOf: (topic) => subscriptions.get(topic),
    batchNums: options.popBatchNums,
    invisibleMs: options.popInvisibleTime,
    threshold: options.popThresholdForQueue,
    fromFirst: options.consumeFromWhere.from === 'first',
    resumed: (queue, signal) => pause.passed(queue, signal),
    observe: (queue, messages, millis) => {
      stats.pulled(queue.topic, messages, millis)
      if (events.wantsPulls) events.pulled(queue, { offset: -1, outcome: 'POPPED', messages, millis })
    },
  }
}

function deadLetters(context: EngineContext): Pick<ReturnType<typeof messageBack>, 'toDeadLetters'> {
  const back = messageBack(context)
  return {
    toDeadLetters: (message) => {
      // The listener saw the user's name of the topic.
      message.topic = context.client.wireName(message.topic)
      return back.toDeadLetters(message)
    },
  }
}
