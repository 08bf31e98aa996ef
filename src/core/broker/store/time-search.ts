import type { MessageStore } from './message-store.ts'

/** Which message counts when none was stored at the very time: the next one, or the one before. */
export type Boundary = 'LOWER' | 'UPPER'

/**
 * Finds an offset by store time. LOWER: the first message stored at or after `timeMs`, the end of the queue when all are older.
 * UPPER: the last one stored at or before it, the beginning of the queue when all are newer.
 */
export function searchByTime(
  store: MessageStore,
  queue: { readonly topic: string; readonly queueId: number },
  timeMs: number,
  boundary: Boundary,
): number {
  const { min, max } = store.bounds(queue.topic, queue.queueId)
  const passed = (storeTime: number): boolean => (boundary === 'LOWER' ? storeTime >= timeMs : storeTime > timeMs)
  let low = min
  let high = max
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (passed(store.storeTimeAt(queue.topic, queue.queueId, middle))) high = middle
    else low = middle + 1
  }
  return boundary === 'LOWER' ? low : Math.max(min, low - 1)
}
