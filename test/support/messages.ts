import { encodeProperties, encodeStoredMessage, MessageExt } from '../../src/core/protocol/index.ts'
import { EPOCH_MS } from './virtual-clock.ts'

/** What a test says of a message; the rest is made up. */
export interface MessageParts {
  readonly topic?: string
  readonly brokerName?: string
  readonly queueId?: number
  readonly queueOffset?: number
  readonly commitLogOffset?: bigint
  readonly body?: Buffer | string
  readonly properties?: Readonly<Record<string, string>>
  readonly reconsumeTimes?: number
  readonly sysFlag?: number
  readonly bornTimestamp?: number
  readonly storeTimestamp?: number
}

/** A message as it comes out of a pull. */
export function message(parts: MessageParts = {}): MessageExt {
  const { brokerName = 'broker-a', body = '' } = parts
  const bytes = encodeStoredMessage({
    queueId: parts.queueId ?? 0,
    flag: 0,
    queueOffset: parts.queueOffset ?? 0,
    physicalOffset: parts.commitLogOffset ?? 4096n,
    sysFlag: parts.sysFlag ?? 0,
    bornTimestamp: parts.bornTimestamp ?? EPOCH_MS,
    bornHost: { ip: '10.0.0.7', port: 50_000 },
    storeTimestamp: parts.storeTimestamp ?? EPOCH_MS + 5,
    storeHost: { ip: '127.0.0.1', port: 10_911 },
    reconsumeTimes: parts.reconsumeTimes ?? 0,
    preparedTransactionOffset: 0n,
    body: typeof body === 'string' ? Buffer.from(body) : body,
    topic: parts.topic ?? 'orders',
    properties: encodeProperties(new Map(Object.entries(parts.properties ?? {}))),
  })
  return new MessageExt(bytes, 0, { brokerName })
}
