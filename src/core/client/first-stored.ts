/** The store time of the message at an offset; `undefined` when there is none. */
type StoredAt = (offset: number) => Promise<number | undefined>

/**
 * Puts right what a broker before 5.0 answers to a search by time: the message nearest on either side of it, or any of
 * those stored in that very millisecond. Resolves to the first offset stored at or after `timestamp`.
 */
export async function firstStored(near: number, timestamp: number, storedAt: StoredAt): Promise<number> {
  const nearest = await storedAt(near)
  if (nearest === undefined) return near
  if (nearest < timestamp) return near + 1
  // `late` is stored late enough; `early` is not, or is gone: closer and closer, by steps that double.
  let late = near
  let early = near
  for (let step = 1; early === late; step *= 2) {
    const offset = Math.max(-1, late - step)
    if (await isLateEnough(offset, timestamp, storedAt)) {
      late = offset
      early = offset
    } else early = offset
  }
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2)
    if (await isLateEnough(middle, timestamp, storedAt)) late = middle
    else early = middle
  }
  return late
}

async function isLateEnough(offset: number, timestamp: number, storedAt: StoredAt): Promise<boolean> {
  const at = offset < 0 ? undefined : await storedAt(offset)
  return at !== undefined && at >= timestamp
}
