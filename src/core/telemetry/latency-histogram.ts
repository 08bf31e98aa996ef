import type { Latency } from './snapshot.ts'

/** Eight buckets for each doubling from 10 µs on: percentiles are right to 9 %. The last begins at some 20 minutes. */
const FIRST_MS = 0.01
const PER_DOUBLING = 8
const BUCKETS = 27 * PER_DOUBLING + 1

/** Counts how long things took, in buckets that grow with the time: a few hundred bytes, whatever is recorded. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0
  #max = 0

  /** `count` things took so long each. */
  record(millis: number, count = 1): void {
    const bucket = bucketOf(millis)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
    this.#total += count
    if (millis > this.#max) this.#max = millis
  }

  /** Adds what another one counted. */
  add(other: LatencyHistogram): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0)
    this.#total += other.#total
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
    this.#max = 0
  }

  /** The usual percentiles; `null` when nothing was recorded. */
  get latency(): Latency | null {
    if (this.#total === 0) return null
    return {
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      max: rounded(this.#max),
    }
  }

  #percentile(share: number): number {
    let left = Math.ceil(this.#total * share)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] ?? 0
      if (left <= 0) return rounded(Math.min(this.#max, middleOf(bucket)))
    }
    return rounded(this.#max)
  }
}

function bucketOf(millis: number): number {
  if (!(millis > FIRST_MS)) return 0
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(millis / FIRST_MS) * PER_DOUBLING) + 1)
}

/** The geometric middle; of the first bucket its end. */
function middleOf(bucket: number): number {
  return bucket === 0 ? FIRST_MS : FIRST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING)
}

/** To the microsecond. */
function rounded(millis: number): number {
  return Math.round(millis * 1000) / 1000
}
