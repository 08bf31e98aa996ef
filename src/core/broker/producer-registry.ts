import type { Channel } from '../remoting/index.ts'
import type { Clock } from '../support/index.ts'
import { CHANNEL_EXPIRY_MS, type Member } from './consumer-registry.ts'

/** Who is online in which producer group (`ProducerManager.java`). */
export class ProducerRegistry {
  readonly #clock: Clock
  readonly #groups = new Map<string, Map<Channel, Member>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  register(group: string, member: Omit<Member, 'seenAt'>): void {
    let members = this.#groups.get(group)
    if (members === undefined) this.#groups.set(group, (members = new Map<Channel, Member>()))
    members.set(member.channel, { ...member, seenAt: this.#clock.monotonic() })
  }

  unregister(group: string, channel: Channel): void {
    const members = this.#groups.get(group)
    members?.delete(channel)
    if (members?.size === 0) this.#groups.delete(group)
  }

  /** Forgets a connection in all groups. */
  closed(channel: Channel): void {
    for (const group of [...this.#groups.keys()]) this.unregister(group, channel)
  }

  /** The members of a group; none when nobody is online. */
  members(group: string): readonly Member[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  /** The connections whose heartbeats have stopped. */
  expired(): readonly Channel[] {
    const before = this.#clock.monotonic() - CHANNEL_EXPIRY_MS
    const members = [...this.#groups.values()].flatMap((group) => [...group.values()])
    return members.filter(({ seenAt }) => seenAt < before).map(({ channel }) => channel)
  }
}
