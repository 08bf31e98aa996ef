import { json, type MessageQueue, offsetSerializeWrapperShape } from '../../protocol/index.ts'

/** A queue and the offset a group goes on from there. */
export type QueueOffset = readonly [MessageQueue, number]

const wrapper = json(offsetSerializeWrapperShape)

/**
 * Reads an offsets file as any Java client writes it, whichever version: with queues as bare keys, or as strings of
 * JSON. Throws ProtocolError when it is none, or was cut off.
 */
export function readOffsetsFile(bytes: Buffer): readonly QueueOffset[] {
  return wrapper.read(bytes).offsetTable.filter(([, offset]) => offset >= 0)
}

/** Writes an offsets file byte by byte as Java clients up to 5.3 do; later ones break the lines elsewhere, and read it. */
export function writeOffsetsFile(entries: Iterable<QueueOffset>): string {
  const members = [...entries].map(([{ brokerName, queueId, topic }, offset]) => {
    const key = [
      `"brokerName":${JSON.stringify(brokerName)}`,
      `"queueId":${queueId}`,
      `"topic":${JSON.stringify(topic)}`,
    ]
    return `{\n\t\t\t${key.join(',\n\t\t\t')}\n\t\t}:${offset}`
  })
  const table = members.length === 0 ? '{}' : `{${members.join(',')}\n\t}`
  return `{\n\t"offsetTable":${table}\n}`
}
