/** A running count, with what it was at the last two midnights (`msgPutTotalTodayMorning` …). */
export class DayTotals {
  #now = 0
  #thisMorning = 0
  #yesterdayMorning = 0
  #nextMidnightMs: number

  constructor(nowMs: number) {
    this.#nextMidnightMs = midnightAfter(nowMs)
  }

  add(count: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#now += count
  }

  /** The count now, at the last midnight and at the one before, in local time. */
  read(nowMs: number): { readonly now: number; readonly thisMorning: number; readonly yesterdayMorning: number } {
    this.#turn(nowMs)
    return { now: this.#now, thisMorning: this.#thisMorning, yesterdayMorning: this.#yesterdayMorning }
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#nextMidnightMs) return
    const daysPassed = nowMs >= midnightAfter(this.#nextMidnightMs) ? 2 : 1
    this.#yesterdayMorning = daysPassed === 1 ? this.#thisMorning : this.#now
    this.#thisMorning = this.#now
    this.#nextMidnightMs = midnightAfter(nowMs)
  }
}

function midnightAfter(timeMs: number): number {
  const day = new Date(timeMs)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime()
}
