import { bool, int, int64, long, named, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { raw } from '../shape.ts'

const sendOutcomes = { SEND_OK: 0, FLUSH_DISK_TIMEOUT: 10, SLAVE_NOT_AVAILABLE: 11, FLUSH_SLAVE_TIMEOUT: 12 } as const

const sendResponse = {
  msgId: text,
  queueId: int,
  queueOffset: long,
  transactionId: optional(text),
  batchUniqId: optional(text),
  regionId: named('MSG_REGION', optional(text)),
  traceOn: named('TRACE_ON', optional(bool)),
}

const sendV2Request = {
  producerGroup: named('a', text),
  topic: named('b', text),
  defaultTopic: named('c', text),
  defaultTopicQueueNums: named('d', int),
  queueId: named('e', int),
  sysFlag: named('f', int),
  bornTimestamp: named('g', long),
  flag: named('h', int),
  properties: named('i', optional(text)),
  reconsumeTimes: named('j', optional(int)),
  unitMode: named('k', optional(bool)),
  maxReconsumeTimes: named('l', optional(int)),
  batch: named('m', optional(bool)),
  brokerName: named('n', optional(text)),
}

const pull = {
  to: 'broker',
  request: {
    consumerGroup: text,
    topic: text,
    queueId: int,
    queueOffset: long,
    maxMsgNums: int,
    sysFlag: int,
    commitOffset: optional(long),
    suspendTimeoutMillis: optional(long),
    subscription: optional(text),
    subVersion: optional(long),
    expressionType: optional(text),
    maxMsgBytes: optional(int),
    bname: optional(text),
  },
  response: {
    suggestWhichBrokerId: long,
    nextBeginOffset: long,
    minOffset: long,
    maxOffset: long,
    offsetDelta: optional(long),
    topicSysFlag: optional(int),
    groupSysFlag: optional(int),
  },
  responseBody: raw,
  /** FOUND: messages. NO_NEW: nothing there yet. NO_MATCHED: nothing passed the filter. OFFSET_MOVED: go on at nextBeginOffset. */
  outcomes: { FOUND: 0, NO_NEW: 19, NO_MATCHED: 20, OFFSET_MOVED: 21 },
} as const

/** Sending, pulling and finding messages. */
export const messageOperations = {
  sendMessage: operation({
    code: 10,
    to: 'broker',
    request: {
      producerGroup: text,
      topic: text,
      defaultTopic: text,
      defaultTopicQueueNums: int,
      queueId: int,
      sysFlag: int,
      bornTimestamp: long,
      flag: int,
      properties: optional(text),
      reconsumeTimes: optional(int),
      unitMode: optional(bool),
      maxReconsumeTimes: optional(int),
      batch: optional(bool),
    },
    requestBody: raw,
    response: sendResponse,
    outcomes: sendOutcomes,
  }),
  sendMessageV2: operation({
    code: 310,
    to: 'broker',
    request: sendV2Request,
    requestBody: raw,
    response: sendResponse,
    outcomes: sendOutcomes,
  }),
  /** A batch only if `batch` is true; a broker takes it for one message otherwise. */
  sendBatchMessage: operation({
    code: 320,
    to: 'broker',
    request: sendV2Request,
    requestBody: raw,
    response: sendResponse,
    outcomes: sendOutcomes,
  }),
  /** Goes to the broker that stores the message. Without `maxReconsumeTimes` the group's own setting counts. */
  consumerSendMsgBack: operation({
    code: 36,
    to: 'broker',
    request: {
      offset: int64,
      group: text,
      delayLevel: int,
      originMsgId: optional(text),
      originTopic: optional(text),
      unitMode: optional(bool),
      maxReconsumeTimes: optional(int),
      bname: optional(text),
    },
  }),
  pullMessage: operation({ code: 11, ...pull }),
  /** Unknown to 4.9 brokers (response 3). */
  litePullMessage: operation({ code: 361, ...pull }),
  endTransaction: operation({
    code: 37,
    to: 'broker',
    request: {
      topic: optional(text),
      producerGroup: text,
      tranStateTableOffset: long,
      commitLogOffset: int64,
      commitOrRollback: int,
      fromTransactionCheck: optional(bool),
      msgId: text,
      transactionId: optional(text),
    },
  }),
  queryMessage: operation({
    code: 12,
    to: 'broker',
    request: {
      topic: text,
      key: text,
      maxNum: int,
      beginTimestamp: int64,
      endTimestamp: int64,
      indexType: optional(text),
      uniqueKeyQuery: named('_UNIQUE_KEY_QUERY', optional(bool)),
    },
    response: { indexLastUpdateTimestamp: optional(long), indexLastUpdatePhyoffset: optional(int64) },
    responseBody: raw,
    outcomes: { OK: 0, NOT_FOUND: 22 },
  }),
  viewMessageById: operation({
    code: 33,
    to: 'broker',
    request: { topic: optional(text), offset: int64 },
    responseBody: raw,
  }),
}
