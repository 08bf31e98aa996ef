import type { ConsumeDirectlyResult, MessageExt } from '../protocol/index.ts'
import type { Clock } from '../support/index.ts'
import { ListenerCall } from './consume/listener-call.ts'
import type { ConsumeConcurrentlyStatus, MessageListenerConcurrently } from './consume/message-listener.ts'
import type { ConsumeOrderlyStatus, MessageListenerOrderly } from './consume/message-listener-orderly.ts'
import { OrderlyCall, type OrderlyDefaults } from './consume/orderly-call.ts'
import { restoreTopic } from './consume/restore-topic.ts'
import { ProcessQueue } from './process-queue.ts'

/**
 * Hands one message to the listener on a broker's request, outside of all queues and limits: nothing is acknowledged or sent back
 * (`ConsumeMessageConcurrentlyService#consumeMessageDirectly`).
 */
export async function consumeDirectly(
  message: MessageExt,
  parts: { readonly listener: MessageListenerConcurrently; readonly clock: Clock },
): Promise<ConsumeDirectlyResult> {
  const { listener, clock } = parts
  restoreTopic(message, message.storedTopic)
  const queue = { topic: message.topic, brokerName: message.brokerName, queueId: message.queueId }
  const batch = { messages: [message], first: 0 }
  const started = clock.monotonic()
  const answer = (consumeResult: string, remark?: string): ConsumeDirectlyResult => ({
    autoCommit: true,
    consumeResult,
    order: false,
    remark,
    spentTimeMills: Math.round(clock.monotonic() - started),
  })
  try {
    const status = await new Promise<ConsumeConcurrentlyStatus>((resolve, reject) => {
      const call = new ListenerCall(new ProcessQueue(queue, clock.now()), batch, ({ acknowledgement }) => {
        if (acknowledgement !== undefined) resolve(acknowledgement)
      })
      void Promise.resolve(listener(batch.messages, call)).then((said) => {
        if (said !== 'ACKNOWLEDGE_LATER') resolve(said)
      }, reject)
    })
    return answer(results.get(status) ?? 'CR_RETURN_NULL')
  } catch (error) {
    return answer('CR_THROW_EXCEPTION', String(error))
  }
}

/** The same for an orderly listener; it may run beside a call of the same queue, as in Java (`ConsumeMessageOrderlyService`). */
export async function consumeDirectlyOrderly(
  message: MessageExt,
  parts: { readonly listener: MessageListenerOrderly; readonly clock: Clock; readonly defaults: OrderlyDefaults },
): Promise<ConsumeDirectlyResult> {
  const { listener, clock, defaults } = parts
  restoreTopic(message, message.storedTopic)
  const queue = { topic: message.topic, brokerName: message.brokerName, queueId: message.queueId }
  const batch = { messages: [message], first: 0 }
  const processQueue = new ProcessQueue(queue, clock.now())
  let acknowledged: (status: ConsumeOrderlyStatus) => void = () => undefined
  const call = new OrderlyCall(processQueue, batch, clock.monotonic(), {
    ...defaults,
    acknowledged: ({ acknowledgement }) => {
      if (acknowledgement !== undefined) acknowledged(acknowledgement)
    },
  })
  const answer = (consumeResult: string, remark?: string): ConsumeDirectlyResult => ({
    autoCommit: call.autoCommit,
    consumeResult,
    order: true,
    remark,
    spentTimeMills: Math.round(clock.monotonic() - call.startedAt),
  })
  try {
    const later = new Promise<ConsumeOrderlyStatus>((resolve) => {
      acknowledged = resolve
    })
    const said = await listener(batch.messages, call)
    const status = said === 'ACKNOWLEDGE_LATER' ? await later : said
    return answer(orderlyResults.get(status) ?? 'CR_RETURN_NULL')
  } catch (error) {
    return answer('CR_THROW_EXCEPTION', String(error))
  }
}

const orderlyResults: ReadonlyMap<ConsumeOrderlyStatus, string> = new Map([
  ['SUCCESS', 'CR_SUCCESS'],
  ['COMMIT', 'CR_COMMIT'],
  ['ROLLBACK', 'CR_ROLLBACK'],
  ['SUSPEND_CURRENT_QUEUE_A_MOMENT', 'CR_LATER'],
  ['LEAVE_UNFINISHED', 'CR_LATER'],
])

const results: ReadonlyMap<ConsumeConcurrentlyStatus, string> = new Map([
  ['CONSUME_SUCCESS', 'CR_SUCCESS'],
  ['RECONSUME_LATER', 'CR_LATER'],
  ['LEAVE_UNFINISHED', 'CR_LATER'],
])
