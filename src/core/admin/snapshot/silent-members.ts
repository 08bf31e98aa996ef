import type { ConsumerRunningInfo } from '../../protocol/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'

/** A member as it is known now, maybe by what it told before. */
export interface RememberedMember {
  readonly member: GroupMemberFacts
  /** When it told that, if not now. */
  readonly toldAt: number | undefined
  /** Why it told nothing now. */
  readonly error: string | undefined
}

interface Memory {
  info: ConsumerRunningInfo | undefined
  toldAt: number
  silences: number
  askAgainAt: number
}

/** A broker holds a thread for 10 s while it asks a member that does not answer. */
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 60_000

/** What members told last; one that is silent is asked more and more seldom, for it costs its broker a thread each time. */
export class SilentMembers {
  readonly #known = new Map<string, Memory>()

  /** Who is not to be asked now. */
  hushed(now: number): ReadonlySet<string> {
    return new Set([...this.#known].filter(([, { askAgainAt }]) => askAgainAt > now).map(([clientId]) => clientId))
  }

  /** Notes what members have told, and completes it with what they told before. Members that are gone are forgotten. */
  complete(
    members: readonly GroupMemberFacts[],
    asked: { readonly now: number; readonly hushed: ReadonlySet<string> },
  ) {
    const gone = new Set(this.#known.keys())
    const completed = members.map((member) => {
      gone.delete(member.clientId)
      return this.#completeOne(member, asked)
    })
    for (const clientId of gone) this.#known.delete(clientId)
    return completed
  }

  #completeOne(
    member: GroupMemberFacts,
    { now, hushed }: { readonly now: number; readonly hushed: ReadonlySet<string> },
  ): RememberedMember {
    const { clientId, info, silent } = member
    if (info !== undefined) {
      this.#known.set(clientId, { info, toldAt: now, silences: 0, askAgainAt: 0 })
      return { member, toldAt: undefined, error: undefined }
    }
    const memory = this.#known.get(clientId) ?? { info: undefined, toldAt: now, silences: 0, askAgainAt: 0 }
    this.#known.set(clientId, memory)
    if (!hushed.has(clientId)) {
      memory.silences += 1
      memory.askAgainAt = now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (memory.silences - 1))
    }
    const why = silent === 'unable' ? 'its language does not tell' : 'it does not answer'
    if (memory.info === undefined) return { member, toldAt: undefined, error: why }
    return { member: { ...member, info: memory.info }, toldAt: memory.toldAt, error: why }
  }
}
