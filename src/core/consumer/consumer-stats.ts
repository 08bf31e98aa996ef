import type { ConsumeStatus } from '../protocol/bodies/running-info.ts'

interface Counters {
  pulls: number
  pulledMessages: number
  pullMillis: number
  ok: number
  failed: number
  calls: number
  consumeMillis: number
}

interface Sample extends Counters {
  readonly at: number
}

const zero: Counters = { pulls: 0, pulledMessages: 0, pullMillis: 0, ok: 0, failed: 0, calls: 0, consumeMillis: 0 }
/** A sample each 10 s; seven span a minute (`StatsItem.java`). */
export const SAMPLE_INTERVAL_MS = 10_000
const SAMPLES = 7

/** Rates of the last minute and totals, by topic (`ConsumerStatsManager.java`). */
export class ConsumerStats {
  readonly #totals = new Map<string, Counters>()
  readonly #samples = new Map<string, Sample[]>()
  readonly #startedAt: number

  constructor(now: number) {
    this.#startedAt = now
  }

  pulled(topic: string, messages: number, millis: number): void {
    const counters = this.#of(topic)
    counters.pulls += 1
    counters.pulledMessages += messages
    counters.pullMillis += millis
  }

  consumed(topic: string, outcome: { readonly ok: number; readonly failed: number; readonly millis: number }): void {
    const counters = this.#of(topic)
    counters.ok += outcome.ok
    counters.failed += outcome.failed
    counters.calls += outcome.ok + outcome.failed
    counters.consumeMillis += outcome.millis
  }

  /** Takes a sample of everything; called every {@link SAMPLE_INTERVAL_MS}. */
  sample(now: number): void {
    for (const [topic, counters] of this.#totals) {
      const samples = this.#samples.get(topic) ?? []
      samples.push({ ...counters, at: now })
      if (samples.length > SAMPLES) samples.shift()
      this.#samples.set(topic, samples)
    }
  }

  /** Messages consumed and failed since the start, over all topics. */
  get totals(): { readonly ok: number; readonly failed: number } {
    let ok = 0
    let failed = 0
    for (const counters of this.#totals.values()) {
      ok += counters.ok
      failed += counters.failed
    }
    return { ok, failed }
  }

  /** What running info says of a topic. */
  status(topic: string, now: number): ConsumeStatus {
    const totals = this.#totals.get(topic) ?? zero
    const base = this.#samples.get(topic)?.[0] ?? { ...zero, at: this.#startedAt }
    const seconds = Math.max(1, now - base.at) / 1000
    const per = (count: number, of: number): number => (of === 0 ? 0 : count / of)
    return {
      consumeFailedMsgs: totals.failed,
      consumeFailedTPS: (totals.failed - base.failed) / seconds,
      consumeOKTPS: (totals.ok - base.ok) / seconds,
      consumeRT: per(totals.consumeMillis - base.consumeMillis, totals.calls - base.calls),
      pullRT: per(totals.pullMillis - base.pullMillis, totals.pulls - base.pulls),
      pullTPS: (totals.pulledMessages - base.pulledMessages) / seconds,
    }
  }

  #of(topic: string): Counters {
    let counters = this.#totals.get(topic)
    if (counters === undefined) {
      counters = { ...zero }
      this.#totals.set(topic, counters)
    }
    return counters
  }
}
