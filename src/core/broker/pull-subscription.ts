import { UsageError } from '../errors.ts'
import { PullSysFlag, ResponseCode, type SubscriptionData, tagSubscription } from '../protocol/index.ts'
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

/** Whether a message is wanted, by the hash of its tags; `undefined` for all. The client compares the tags themselves. */
export type Wanted = ((tagsCode: number) => boolean) | undefined

/**
 * The filter of a pull: its own subscription, or the one its group has registered. Throws what Java answers: 23 for a
 * bad expression, 24 and 25 when the client has to send a heartbeat first.
 */
export function pullSubscription(services: Pick<BrokerServices, 'consumers' | 'groups'>, pull: PullFilter): Wanted {
  const data = pull.sysFlag & PullSysFlag.SUBSCRIPTION ? inlineSubscription(pull) : registered(services, pull)
  if (data.expressionType !== 'TAG') throw unsupportedExpression(data.expressionType)
  if (data.subString === '*' || data.subString === '') return undefined
  const codes = new Set(data.codeSet)
  return (tagsCode) => codes.has(tagsCode)
}

/** What is answered to a filter by anything but tags. */
export function unsupportedExpression(expressionType: string): ResponseFailure {
  return new ResponseFailure(
    ResponseCode.SYSTEM_ERROR,
    `The broker does not support consumer to filter message by ${expressionType}`,
  )
}

function inlineSubscription(pull: PullFilter): SubscriptionData {
  const expressionType = pull.expressionType || 'TAG'
  if (expressionType !== 'TAG') throw unsupportedExpression(expressionType)
  try {
    return tagSubscription(pull.topic, pull.subscription, pull.subVersion ?? 0)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new ResponseFailure(
      ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      `parse the consumer's subscription failed: ${error.message}`,
    )
  }
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
