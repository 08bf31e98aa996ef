import { consumerConnectionShape, producerConnectionShape } from '../bodies/connections.ts'
import { heartbeatShape } from '../bodies/heartbeat.ts'
import { lockBatchRequestShape, lockBatchResponseShape } from '../bodies/locks.ts'
import { checkClientRequestShape, consumeDirectlyResultShape, consumerIdListShape } from '../bodies/misc.ts'
import { consumerRunningInfoShape } from '../bodies/running-info.ts'
import { bool, named, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json } from '../shape.ts'

/** Membership of groups, and what brokers ask a member on behalf of others. */
export const clientOperations = {
  heartBeat: operation({
    code: 34,
    to: 'broker',
    requestBody: json(heartbeatShape),
    response: {
      supportsV2: named('IS_SUPPORT_HEART_BEAT_V2', optional(bool)),
      subscriptionsChanged: named('IS_SUB_CHANGE', optional(bool)),
    },
  }),
  unregisterClient: operation({
    code: 35,
    to: 'broker',
    request: { clientID: text, producerGroup: optional(text), consumerGroup: optional(text) },
  }),
  getConsumerListByGroup: operation({
    code: 38,
    to: 'broker',
    request: { consumerGroup: text },
    responseBody: json(consumerIdListShape),
  }),
  checkClientConfig: operation({ code: 46, to: 'broker', requestBody: json(checkClientRequestShape) }),
  lockBatchMq: operation({
    code: 41,
    to: 'broker',
    requestBody: json(lockBatchRequestShape),
    responseBody: json(lockBatchResponseShape),
  }),
  unlockBatchMq: operation({ code: 42, to: 'broker', requestBody: json(lockBatchRequestShape) }),
  getConsumerConnectionList: operation({
    code: 203,
    to: 'broker',
    request: { consumerGroup: text },
    responseBody: json(consumerConnectionShape),
    outcomes: { OK: 0, NOT_ONLINE: 206 },
  }),
  getProducerConnectionList: operation({
    code: 204,
    to: 'broker',
    request: { producerGroup: text },
    responseBody: json(producerConnectionShape),
  }),
  getConsumerRunningInfo: operation({
    code: 307,
    to: 'broker',
    request: { consumerGroup: text, clientId: text, jstackEnable: optional(bool) },
    responseBody: json(consumerRunningInfoShape),
  }),
  consumeMessageDirectly: operation({
    code: 309,
    to: 'broker',
    request: {
      consumerGroup: text,
      clientId: optional(text),
      msgId: optional(text),
      brokerName: optional(text),
      topic: optional(text),
    },
    responseBody: json(consumeDirectlyResultShape),
  }),
}
