import { ProtocolError } from '../errors.ts'

/**
 * What a POP consumer sends back to acknowledge one message or to change its invisible time; brokers call it extra info,
 * messages carry it as POP_CK (`ExtraInfoUtil.java`).
 */
export interface PopHandle {
  /** The queue offset of the first message of the same POP. */
  readonly startOffset: number
  readonly popTime: number
  readonly invisibleTime: number
  readonly reviveQueueId: number
  /** Where the message came from: 0 the topic, 1 and 2 the group's retry topic in its old and new form. */
  readonly retry: string
  readonly brokerName: string
  readonly queueId: number
  readonly queueOffset: number
}

/** A handle as text: 8 fields with single spaces. */
export function formatPopHandle(handle: PopHandle): string {
  return [
    handle.startOffset,
    handle.popTime,
    handle.invisibleTime,
    handle.reviveQueueId,
    handle.retry,
    handle.brokerName,
    handle.queueId,
    handle.queueOffset,
  ].join(' ')
}

/** Reads a handle. Throws {@link ProtocolError} for anything else. */
export function parsePopHandle(text: string): PopHandle {
  const fields = text.split(' ')
  const [start, popTime, invisible, reviveQueue, retry = '', brokerName = '', queueId, offset] = fields
  const numbers = [start, popTime, invisible, reviveQueue, queueId, offset].map((field) =>
    /^-?\d{1,16}$/.test(field ?? '') ? Number(field) : Number.NaN,
  )
  if (fields.length !== 8 || !numbers.every(Number.isSafeInteger)) {
    throw new ProtocolError(`not the handle of a popped message: '${text.slice(0, 120)}'`)
  }
  const [startOffset = 0, pop = 0, invisibleTime = 0, reviveQueueId = 0, queue = 0, queueOffset = 0] = numbers
  return { startOffset, popTime: pop, invisibleTime, reviveQueueId, retry, brokerName, queueId: queue, queueOffset }
}

/** The bits BATCH_ACK_MESSAGE takes for positions after a handle's start: Base64, lowest bit of the first byte first. */
export function ackBits(positions: Iterable<number>): string {
  const bytes: number[] = []
  for (const position of positions) {
    while (bytes.length <= position >> 3) bytes.push(0)
    bytes[position >> 3] = (bytes[position >> 3] ?? 0) | (1 << (position & 7))
  }
  return Buffer.from(bytes).toString('base64')
}

/** Reads what {@link ackBits} wrote. */
export function ackPositions(bits: string): number[] {
  const positions: number[] = []
  for (const [index, byte] of Buffer.from(bits, 'base64').entries()) {
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) positions.push(index * 8 + bit)
  }
  return positions
}
