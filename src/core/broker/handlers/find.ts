import { MessageExt, type Operations, type RequestOf, ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, type Reply, ResponseFailure } from '../reply.ts'
import { indexKeys } from '../store/message-index.ts'

type Services = Pick<BrokerServices, 'index' | 'log'>
type QueryRequest = RequestOf<Operations['queryMessage']>

/** Java's limits (`defaultQueryMaxNum`, `maxMsgsNumBatch`). */
const UNIQ_KEY_MAX = 32
const MAX_MESSAGES = 64
const SECOND_MS = 1000

/** Finding messages (`QueryMessageProcessor.java`). */
export function findHandlers(services: Services): Handlers {
  return {
    queryMessage: (request) => query(services, request),
    viewMessageById: ({ offset }) => {
      const record = services.log.read(Number(offset))
      if (record) return { outcome: 'OK', body: record }
      throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`)
    },
  }
}

/** The newest matches, oldest of them first. The index knows hashes only, so each record is asked. */
function query({ index, log }: Services, request: QueryRequest): Reply<'queryMessage'> {
  if (request.indexType === 'T') {
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, 'this broker does not find messages by their tags')
  }
  const limit = Math.min(request.uniqueKeyQuery === true ? UNIQ_KEY_MAX : request.maxNum, MAX_MESSAGES)
  const { topic, key } = request
  // Java compares whole seconds.
  const fromMs = Math.floor(Number(request.beginTimestamp) / SECOND_MS) * SECOND_MS
  const untilMs = (Math.floor(Number(request.endTimestamp) / SECOND_MS) + 1) * SECOND_MS
  const found: MessageExt[] = []
  if (limit > 0) {
    for (const position of index.find({ topic, key, fromMs, untilMs })) {
      const record = log.read(position)
      if (record === undefined) continue
      const message = new MessageExt(record, 0)
      const inTime = message.storeTimestamp >= fromMs && message.storeTimestamp < untilMs
      if (inTime && message.storedTopic === topic && indexKeys(message.properties).has(key)) found.push(message)
      if (found.length === limit) break
    }
  }
  const newest = found[0]
  if (newest === undefined) {
    throw new ResponseFailure(ResponseCode.QUERY_NOT_FOUND, 'can not find message, maybe time range not correct')
  }
  return {
    outcome: 'OK',
    indexLastUpdateTimestamp: newest.storeTimestamp,
    indexLastUpdatePhyoffset: newest.commitLogOffset,
    body: Buffer.concat(found.reverse().map(({ record }) => record)),
  }
}
