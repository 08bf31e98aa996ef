import { UsageError } from '../../core/errors.ts'

/** Reads `THEIRS=OURS` pairs of broker names. Throws UsageError for what is no pair. */
export function brokerNames(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [theirs, ours, ...more] = pair.split('=').map((name) => name.trim())
      if (theirs && ours && more.length === 0) return [theirs, ours]
      throw new UsageError(`--map-broker: '${pair}' is not THEIRS=OURS, two names of brokers`, {
        suggestions: ['for example --map-broker broker-a=broker-x'],
      })
    }),
  )
}
