import { DEFAULT_REGION, type MessageTrace, traceRecord } from '../../core/producer/index.ts'
import { decodeOffsetMessageId } from '../../core/protocol/index.ts'
import type { Clock } from '../../core/support/index.ts'
import type { Sent, SentMessage } from './sender.ts'

/** Writes a record of each message a broker has stored (`SendMessageTraceHookImpl.java`); of oneway ones nothing is known. */
export function sendTrace(
  trace: Pick<MessageTrace, 'append'>,
  options: { readonly group: string; readonly clock: Clock },
): (result: SentMessage, sent: Sent) => void {
  return ({ msgId, offsetMsgId }, { message, millis }) => {
    if (offsetMsgId === undefined || offsetMsgId === '') return
    const { host, port } = decodeOffsetMessageId(offsetMsgId)
    trace.append(
      traceRecord.pub({
        timestamp: options.clock.now(),
        regionId: DEFAULT_REGION,
        group: options.group,
        topic: message.topic,
        msgId,
        tags: message.tags,
        keys: message.keys ?? [],
        storeHost: `${host}:${port}`,
        bodyBytes: message.body.length,
        millis,
        delayed: message.delayLevel !== undefined,
        offsetMsgId,
        success: true,
      }),
    )
  }
}
