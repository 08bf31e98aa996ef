import type { BrokerServices } from '../broker-services.ts'
import type { Handlers } from '../reply.ts'

/** Locks of ordered consumption (`AdminBrokerProcessor#lockBatchMQ`, `#unlockBatchMQ`). */
export function lockHandlers({ locks }: Pick<BrokerServices, 'locks'>): Handlers {
  return {
    lockBatchMq: ({ body }) => ({
      outcome: 'OK',
      body: { lockOKMQSet: locks.lock(body.consumerGroup, body.clientId, body.mqSet) },
    }),
    unlockBatchMq: ({ body }) => {
      locks.unlock(body.consumerGroup, body.clientId, body.mqSet)
      return { outcome: 'OK' }
    },
  }
}
