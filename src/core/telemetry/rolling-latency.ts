import type { Latency } from './snapshot.ts'

/** Eight buckets for each doubling from 10 µs on: percentiles are right to 9 %. The last begins at some 20 minutes. */
const FIRST_MS = 0.01
const PER_DOUBLING = 8
const BUCKETS = 27 * PER_DOUBLING + 1
/** The window is so many spans long. */
const SPANS = 6

/** What happened within one span. */
interface Span {
  readonly counts: Uint32Array
  max: number
}

/**
 * How long things took within a window that rolls on a span at a time, in buckets that grow with the time. A look costs
 * about a microsecond, however much was recorded: the sum over the window is kept, not made.
 */
export class RollingLatency {
  readonly #sum = new Uint32Array(BUCKETS)
  /** The present one first. */
  readonly #spans: Span[] = [newSpan()]
  #total = 0

  /** `count` things took so long each. */
  record(millis: number, count = 1): void {
    const bucket = bucketOf(millis)
    const [span] = this.#spans
    if (span === undefined) return
    span.counts[bucket] = (span.counts[bucket] ?? 0) + count
    if (millis > span.max) span.max = millis
    this.#sum[bucket] = (this.#sum[bucket] ?? 0) + count
    this.#total += count
  }

  /** A span is over: the oldest one is forgotten. */
  roll(): void {
    const oldest = this.#spans.length === SPANS ? this.#spans.pop() : undefined
    if (oldest !== undefined) this.#forget(oldest)
    this.#spans.unshift(oldest ?? newSpan())
  }

  /** The usual percentiles; `null` when nothing was recorded within the window. */
  get latency(): Latency | null {
    if (this.#total === 0) return null
    const max = Math.max(...this.#spans.map((span) => span.max))
    const [p50 = max, p95 = max, p99 = max] = this.#percentiles([0.5, 0.95, 0.99])
    return { p50: rounded(p50, max), p95: rounded(p95, max), p99: rounded(p99, max), max: rounded(max, max) }
  }

  /** One pass for all, which are in ascending order. */
  #percentiles(shares: readonly number[]): number[] {
    const found: number[] = []
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS && found.length < shares.length; bucket++) {
      const count = this.#sum[bucket] ?? 0
      if (count === 0) continue
      seen += count
      while (found.length < shares.length && seen >= Math.ceil(this.#total * (shares[found.length] ?? 1))) {
        found.push(middleOf(bucket))
      }
    }
    return found
  }

  #forget(span: Span): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = span.counts[bucket] ?? 0
      if (count === 0) continue
      this.#sum[bucket] = (this.#sum[bucket] ?? 0) - count
      this.#total -= count
    }
    span.counts.fill(0)
    span.max = 0
  }
}

function newSpan(): Span {
  return { counts: new Uint32Array(BUCKETS), max: 0 }
}

function bucketOf(millis: number): number {
  if (!(millis > FIRST_MS)) return 0
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(millis / FIRST_MS) * PER_DOUBLING) + 1)
}

/** The geometric middle; of the first bucket its end. */
function middleOf(bucket: number): number {
  return bucket === 0 ? FIRST_MS : FIRST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING)
}

/** To the microsecond; nothing took longer than the longest. */
function rounded(millis: number, max: number): number {
  return Math.round(Math.min(millis, max) * 1000) / 1000
}
