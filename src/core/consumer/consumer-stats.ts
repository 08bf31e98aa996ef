import type { ConsumeStatus } from '../protocol/index.ts'
import type { ConsumeOutcome } from './consume/call-settlement.ts'

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
/** One in so many samples is kept longer: seven of those span an hour. */
const SAMPLES_PER_HOURLY = 60

/** Rates of the last minute, failures of the last hour and totals, by topic (`ConsumerStatsManager.java`). */
export class ConsumerStats {
  readonly #totals = new Map<string, Counters>()
  readonly #minute = new Map<string, Sample[]>()
  readonly #hour = new Map<string, Sample[]>()
  #sampledAt: number
  #hourlyAt: number
  #samplings = 0

  constructor(now: number) {
    this.#sampledAt = now
    this.#hourlyAt = now
  }

  pulled(topic: string, messages: number, millis: number): void {
    const counters = this.#of(topic)
    counters.pulls += 1
    counters.pulledMessages += messages
    counters.pullMillis += millis
  }

  consumed(topic: string, outcome: ConsumeOutcome): void {
    const counters = this.#of(topic)
    counters.ok += outcome.ok
    counters.failed += outcome.failed
    counters.calls += outcome.calls
    counters.consumeMillis += outcome.millis
  }

  /** Takes a sample of everything; called every {@link SAMPLE_INTERVAL_MS}. */
  sample(now: number): void {
    this.#keep(this.#minute, this.#sampledAt, now)
    this.#sampledAt = now
    this.#samplings += 1
    if (this.#samplings % SAMPLES_PER_HOURLY !== 0) return
    this.#keep(this.#hour, this.#hourlyAt, now)
    this.#hourlyAt = now
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
    const base = this.#minute.get(topic)?.[0] ?? { ...zero, at: this.#sampledAt }
    const seconds = Math.max(1, now - base.at) / 1000
    const per = (count: number, of: number): number => (of === 0 ? 0 : count / of)
    return {
      consumeFailedMsgs: totals.failed - (this.#hour.get(topic)?.[0]?.failed ?? 0),
      consumeFailedTPS: (totals.failed - base.failed) / seconds,
      consumeOKTPS: (totals.ok - base.ok) / seconds,
      consumeRT: per(totals.consumeMillis - base.consumeMillis, totals.calls - base.calls),
      pullRT: per(totals.pullMillis - base.pullMillis, totals.pulls - base.pulls),
      pullTPS: (totals.pulledMessages - base.pulledMessages) / seconds,
    }
  }

  /** A topic that is new has had nothing when the last sample was taken. */
  #keep(samplesOf: Map<string, Sample[]>, before: number, now: number): void {
    for (const [topic, counters] of this.#totals) {
      const samples = samplesOf.get(topic) ?? [{ ...zero, at: before }]
      samples.push({ ...counters, at: now })
      if (samples.length > SAMPLES) samples.shift()
      samplesOf.set(topic, samples)
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
