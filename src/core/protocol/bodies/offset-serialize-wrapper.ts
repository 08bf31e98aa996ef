import { messageQueueShape } from '../message/message-queue.ts'
import { entriesOf, integer, record, withDefault } from '../shape.ts'

/** What the offsets file of a broadcasting consumer holds (`OffsetSerializeWrapper.java`). */
export const offsetSerializeWrapperShape = record({
  offsetTable: withDefault(entriesOf(messageQueueShape, integer), []),
})
