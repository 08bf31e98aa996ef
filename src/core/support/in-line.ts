/**
 * Does a job for each item, so many at a time, and in their order. Resolves to the results; rejects with the first error, and
 * begins no more then.
 */
export async function inLine<T, R>(atOnce: number, items: readonly T[], job: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await job(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  return results
}
