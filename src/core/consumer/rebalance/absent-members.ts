import type { Clock } from '../../support/index.ts'

/** Members that a broker may not know again yet. */
interface Absence {
  readonly members: Set<string>
  readonly until: number
}

/** The longest pause between two attempts of ours to reconnect. */
const RECONNECT_MS = 10_000

/**
 * A broker that was started again lists members as they come back, and the first of them would take the queues of all
 * the others, who still consume. So after our connection to a broker was made anew, those that it does not list any more
 * count as present until it lists them, at most for the time a reconnect takes. Who leaves or is killed while our
 * connection stands is believed gone at once, and so is who goes again after it was back.
 */
export class AbsentMembers {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** By the address of the broker. */
  readonly #absences = new Map<string, Absence>()
  #last: readonly string[] = []

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** A connection to a broker was made that had been there before. */
  reconnected(address: string): void {
    if (this.#last.length === 0) return
    this.#absences.set(address, { members: new Set(this.#last), until: this.#clock.monotonic() + RECONNECT_MS })
  }

  /** The members of the group, when a broker lists these. */
  complete(address: string, listed: readonly string[]): readonly string[] {
    this.#last = [...listed, ...this.#missing(address, listed)]
    return this.#last
  }

  /** How long until somebody is given up, in ms; `undefined` when nobody is waited for. */
  get dueInMs(): number | undefined {
    const now = this.#clock.monotonic()
    const ahead = [...this.#absences.values()].map(({ until }) => until - now).filter((ms) => ms > 0)
    return ahead.length === 0 ? undefined : Math.min(...ahead)
  }

  #missing(address: string, listed: readonly string[]): readonly string[] {
    const absence = this.#absences.get(address)
    if (absence === undefined) return []
    for (const clientId of listed) absence.members.delete(clientId)
    if (absence.members.size > 0 && absence.until > this.#clock.monotonic()) return [...absence.members]
    this.#absences.delete(address)
    return []
  }
}
