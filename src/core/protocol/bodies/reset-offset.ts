import { ProtocolError } from '../../errors.ts'
import { type MessageQueue, messageQueueShape } from '../message/message-queue.ts'
import { entriesOf, integer, record, type Shape, string } from '../shape.ts'

/** New offsets by queue (`ResetOffsetBody.java`). */
export interface ResetOffsetBody {
  readonly offsetTable: readonly (readonly [MessageQueue, number])[]
}

const entries = entriesOf(messageQueueShape, integer)
const flatEntry = record({ brokerName: string, offset: integer, queueId: integer, topic: string })

/**
 * Reads all three forms seen: fastjson's object keys, the list of flat records sent when a C++ admin tool asked, and
 * the list of pairs. Writes the first.
 */
export const resetOffsetBodyShape: Shape<ResetOffsetBody> = {
  read(value, path) {
    if (!(value instanceof Map)) throw new ProtocolError(`${path}: expected an object`)
    const table = value.get('offsetTable') ?? new Map()
    if (!Array.isArray(table)) return { offsetTable: entries.read(table, `${path}.offsetTable`) }
    return {
      offsetTable: table.map((item, index) => {
        const at = `${path}.offsetTable[${index}]`
        if (Array.isArray(item)) return [messageQueueShape.read(item[0] ?? null, at), integer.read(item[1] ?? null, at)]
        const { offset, ...queue } = flatEntry.read(item, at)
        return [queue, offset]
      }),
    }
  },
  write: (body) => ({ offsetTable: entries.write(body.offsetTable) }),
}
