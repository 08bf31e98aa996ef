import { DEFAULT_REGION, type MessageTrace, traceRecord } from '../../producer/index.ts'
import { type MessageExt, PropertyName } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import { type ConsumeMessageContext, type ConsumeMessageHook, consumeReturnTypes } from '../hook/hooks.ts'

/** Writes a record before and after the consumption of each message (`ConsumeMessageTraceHookImpl.java`). */
export function consumeTraceHook(trace: Pick<MessageTrace, 'append' | 'nextId'>, clock: Clock): ConsumeMessageHook {
  const calls = new WeakMap<ConsumeMessageContext, string>()
  return {
    hookName: 'ConsumeMessageTraceHook',
    consumeMessageBefore: (context) => {
      const traced = context.messages.filter(isTraced)
      if (traced.length === 0) return
      const shared = { requestId: trace.nextId(), group: context.consumerGroup, timestamp: clock.now() }
      calls.set(context, shared.requestId)
      for (const message of traced) {
        const regionId = message.getProperty(PropertyName.MSG_REGION) ?? DEFAULT_REGION
        const { msgId, keys, reconsumeTimes: retryTimes } = message
        trace.append(traceRecord.subBefore({ ...shared, regionId, msgId, keys, retryTimes }))
      }
    },
    consumeMessageAfter: (context, { millis, success, returnType }) => {
      const requestId = calls.get(context)
      if (requestId === undefined) return
      const shared = {
        requestId,
        success,
        group: context.consumerGroup,
        timestamp: clock.now(),
        millis: millis / context.messages.length,
        contextCode: consumeReturnTypes.indexOf(returnType),
      }
      for (const message of context.messages.filter(isTraced)) {
        trace.append(traceRecord.subAfter({ ...shared, msgId: message.msgId, keys: message.keys }))
      }
    },
  }
}

function isTraced(message: MessageExt): boolean {
  return message.getProperty(PropertyName.TRACE_ON) !== 'false'
}
