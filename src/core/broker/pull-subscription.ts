import { UsageError } from '../errors.ts'
import {
  MessageExt,
  PullSysFlag,
  ResponseCode,
  type SubscriptionData,
  sqlFilter,
  tagSubscription,
} from '../protocol/index.ts'
import type { BrokerServices } from './broker-services.ts'
import { ResponseFailure } from './reply.ts'

/** What a pull says about the messages it wants. */
export interface PullFilter {
  readonly consumerGroup: string
  readonly topic: string
  readonly sysFlag: number
  readonly subscription?: string | undefined
  readonly subVersion?: number | undefined
  readonly expressionType?: string | undefined
}

/** Which messages a pull wants. */
export interface Wanted {
  /** By the hash of its tags; absent for all. The client compares the tags themselves. */
  readonly wanted?: (tagsCode: number) => boolean
  /** By its record; absent for all. */
  readonly matches?: (record: Buffer) => boolean
}

/**
 * The filter of a pull: its own subscription, or the one its group has registered. Throws what Java answers: 23 for a
 * bad expression, 24 and 25 when the client has to send a heartbeat first.
 */
export function pullSubscription(services: Pick<BrokerServices, 'consumers' | 'groups'>, pull: PullFilter): Wanted {
  const data = pull.sysFlag & PullSysFlag.SUBSCRIPTION ? inlineSubscription(pull) : registered(services, pull)
  return subscribed(data)
}

/**
 * What a subscription wants. Throws SUBSCRIPTION_PARSE_FAILED for an expression that cannot be read and for an unknown
 * kind of them, which Java's brokers take in a pull and then find everything or nothing.
 */
export function subscribed(data: Pick<SubscriptionData, 'expressionType' | 'subString' | 'codeSet'>): Wanted {
  if (data.expressionType === 'SQL92') return { matches: sqlMatcher(data.subString) }
  if (data.expressionType !== 'TAG') throw parseFailed(`there is no expression type ${data.expressionType}`)
  if (data.subString === '*' || data.subString === '') return {}
  const codes = new Set(data.codeSet)
  return { wanted: (tagsCode) => codes.has(tagsCode) }
}

function sqlMatcher(expression: string): (record: Buffer) => boolean {
  const { matches, ignored } = readExpression(() => sqlFilter(expression))
  // Java's brokers do not look at it, and so filter by something else than what was written.
  if (ignored !== '') throw parseFailed(`'${expression}' is no SQL92 expression: '${ignored}' belongs to nothing`)
  return (record) => {
    const message = new MessageExt(record, 0)
    return matches((name) => message.getProperty(name))
  }
}

function readExpression<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof UsageError) throw parseFailed(error.message)
    throw error
  }
}

function parseFailed(why: string): ResponseFailure {
  return new ResponseFailure(ResponseCode.SUBSCRIPTION_PARSE_FAILED, `parse the consumer's subscription failed: ${why}`)
}

function inlineSubscription(pull: PullFilter): SubscriptionData {
  const expressionType = pull.expressionType || 'TAG'
  const { topic, subscription, subVersion = 0 } = pull
  if (expressionType === 'TAG') return readExpression(() => tagSubscription(topic, subscription, subVersion))
  const subString = subscription ?? ''
  return { topic, subString, subVersion, expressionType, codeSet: [], tagsSet: [], classFilterMode: false }
}

function registered(services: Pick<BrokerServices, 'consumers' | 'groups'>, pull: PullFilter): SubscriptionData {
  const group = services.consumers.get(pull.consumerGroup)
  const data = group?.subscriptions.get(pull.topic)
  if (group === undefined || data === undefined) {
    throw new ResponseFailure(ResponseCode.SUBSCRIPTION_NOT_EXIST, "the consumer's subscription not exist")
  }
  if (
    group.messageModel === 'BROADCASTING' &&
    services.groups.get(pull.consumerGroup)?.consumeBroadcastEnable === false
  ) {
    const remark = `the consumer group[${pull.consumerGroup}] can not consume by broadcast way`
    throw new ResponseFailure(ResponseCode.NO_PERMISSION, remark)
  }
  if (data.subVersion < (pull.subVersion ?? 0)) {
    throw new ResponseFailure(ResponseCode.SUBSCRIPTION_NOT_LATEST, "the consumer's subscription not latest")
  }
  return data
}
