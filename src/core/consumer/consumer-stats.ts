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

/** All topics together at one time. */
interface Standing {
  readonly at: number
  readonly in: number
  readonly ok: number
  readonly failed: number
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

/** A live view wants to see a change at once: the last so many looks, a second apart. */
const RECENT = 10

/** Rates of the last minute, failures of the last hour and totals, by topic (`ConsumerStatsManager.java`). */
export class ConsumerStats {
  readonly #totals = new Map<string, Counters>()
  readonly #minute = new Map<string, Sample[]>()
  readonly #hour = new Map<string, Sample[]>()
  #sampledAt: number
  #hourlyAt: number
  #samplings = 0
  readonly #recent: [Standing, ...Standing[]]

  constructor(now: number) {
    this.#recent = [{ at: now, in: 0, ok: 0, failed: 0 }]
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

  /** Messages pulled, consumed and failed since the start, over all topics. */
  get totals(): { readonly in: number; readonly ok: number; readonly failed: number } {
    let [pulled, ok, failed] = [0, 0, 0]
    for (const counters of this.#totals.values()) {
      pulled += counters.pulledMessages
      ok += counters.ok
      failed += counters.failed
    }
    return { in: pulled, ok, failed }
  }

  /** Notes where it stands, for {@link recent}; called about every second. */
  look(now: number): void {
    const [, second] = this.#recent
    if (second !== undefined && this.#recent.length > RECENT) this.#recent.splice(0, 2, second)
    this.#recent.push({ at: now, ...this.totals })
  }

  /** Messages per second over the last ten seconds, all topics together. */
  recent(now: number): { readonly in: number; readonly ok: number; readonly failed: number } {
    const { totals } = this
    const [base] = this.#recent
    const seconds = Math.max(1, now - base.at) / 1000
    return {
      in: (totals.in - base.in) / seconds,
      ok: (totals.ok - base.ok) / seconds,
      failed: (totals.failed - base.failed) / seconds,
    }
  }

  /** Milliseconds a listener call took, on average of the last minute and of all topics; `undefined` when there was none. */
  get consumeMillis(): number | undefined {
    let [calls, millis] = [0, 0]
    for (const [topic, totals] of this.#totals) {
      const base = this.#minute.get(topic)?.[0] ?? zero
      calls += totals.calls - base.calls
      millis += totals.consumeMillis - base.consumeMillis
    }
    return calls === 0 ? undefined : millis / calls
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
