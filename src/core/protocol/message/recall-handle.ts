import { ProtocolError } from '../../errors.ts'

/** What a timer message can be called back with (`RecallMessageHandle.java`; brokers since 5.3.2). */
export interface RecallHandle {
  readonly topic: string
  readonly brokerName: string
  /** When it is to be delivered, in ms since the epoch. */
  readonly deliverTime: number
  readonly uniqKey: string
}

const VERSION = 'v1'

/** A handle as brokers write it: URL-safe Base64, padded. */
export function encodeRecallHandle(handle: RecallHandle): string {
  const text = [VERSION, handle.topic, handle.brokerName, handle.deliverTime, handle.uniqKey].join(' ')
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** Reads a handle. Throws {@link ProtocolError} for anything else. */
export function decodeRecallHandle(handle: string): RecallHandle {
  const fields = Buffer.from(handle, 'base64url').toString('utf8').split(' ')
  const [version, topic = '', brokerName = '', time = '', uniqKey = ''] = fields
  if (fields.length !== 5 || version !== VERSION || !/^\d{1,15}$/.test(time)) {
    throw new ProtocolError(`not a recall handle: '${handle.slice(0, 80)}'`)
  }
  return { topic, brokerName, deliverTime: Number(time), uniqKey }
}
