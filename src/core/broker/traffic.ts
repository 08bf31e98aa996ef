import type { Clock } from '../support/index.ts'
import { DayTotals } from './day-totals.ts'
import { RateMeter } from './rate-meter.ts'

/** Java's windows: 10 s, 1 min, 10 min. */
const LONGEST_SECONDS = 600
const GROUP_SECONDS = 60

/** How much is sent and pulled, in all and by topic and group (`BrokerStatsManager.java`). */
export class Traffic {
  readonly #clock: Clock
  /** Messages stored. */
  readonly put: RateMeter
  /** Messages handed out. */
  readonly got: RateMeter
  /** Pulls that found something, and that did not. */
  readonly found: RateMeter
  readonly missed: RateMeter
  readonly putTotals: DayTotals
  readonly gotTotals: DayTotals
  readonly #putByTopic = new Map<string, RateMeter>()
  readonly #gotByGroup = new Map<string, RateMeter>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.put = new RateMeter(clock, LONGEST_SECONDS)
    this.got = new RateMeter(clock, LONGEST_SECONDS)
    this.found = new RateMeter(clock, LONGEST_SECONDS)
    this.missed = new RateMeter(clock, LONGEST_SECONDS)
    this.putTotals = new DayTotals(clock.now())
    this.gotTotals = new DayTotals(clock.now())
  }

  stored(topic: string): void {
    this.put.add(1)
    this.putTotals.add(1, this.#clock.now())
    this.#meter(this.#putByTopic, topic).add(1)
  }

  pulled(group: string, topic: string, messages: number): void {
    if (messages === 0) {
      this.missed.add(1)
      return
    }
    this.found.add(1)
    this.got.add(messages)
    this.gotTotals.add(messages, this.#clock.now())
    this.#meter(this.#gotByGroup, `${topic}@${group}`).add(messages)
  }

  /** Messages per second stored into a topic in the last minute. */
  putRate(topic: string): number {
    return this.#putByTopic.get(topic)?.perSecond(GROUP_SECONDS) ?? 0
  }

  /** Messages per second pulled by a group from a topic in the last minute. */
  getRate(group: string, topic: string): number {
    return this.#gotByGroup.get(`${topic}@${group}`)?.perSecond(GROUP_SECONDS) ?? 0
  }

  #meter(meters: Map<string, RateMeter>, key: string): RateMeter {
    let meter = meters.get(key)
    if (meter === undefined) meters.set(key, (meter = new RateMeter(this.#clock, GROUP_SECONDS)))
    return meter
  }
}
