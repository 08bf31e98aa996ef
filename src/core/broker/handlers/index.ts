import type { BrokerServices } from '../broker-services.ts'
import type { Handlers } from '../reply.ts'
import { brokerHandlers } from './broker.ts'
import { clientHandlers } from './client.ts'
import { findHandlers } from './find.ts'
import { groupHandlers } from './group.ts'
import { keyValueHandlers } from './key-value.ts'
import { lockHandlers } from './lock.ts'
import { memberResetHandlers } from './member-reset.ts'
import { messageHandlers } from './message.ts'
import { offsetHandlers } from './offset.ts'
import { popHandlers } from './pop.ts'
import { pullHandlers } from './pull.ts'
import { relayHandlers } from './relay.ts'
import { resetHandlers } from './reset.ts'
import { routeHandlers } from './route.ts'
import { statsHandlers } from './stats.ts'
import { topicHandlers } from './topic.ts'

/** Every operation this broker answers; all others are not supported. */
export function allHandlers(services: BrokerServices): Handlers {
  return {
    ...routeHandlers(services),
    ...keyValueHandlers(services),
    ...messageHandlers(services),
    ...pullHandlers(services),
    ...popHandlers(services),
    ...findHandlers(services),
    ...offsetHandlers(services),
    ...(services.resetMode === 'server-side' ? resetHandlers(services) : memberResetHandlers(services)),
    ...statsHandlers(services),
    ...lockHandlers(services),
    ...clientHandlers(services),
    ...relayHandlers(services),
    ...topicHandlers(services),
    ...groupHandlers(services),
    ...brokerHandlers(services),
  }
}
