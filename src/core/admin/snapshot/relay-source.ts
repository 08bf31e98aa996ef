import type { ClientInstance } from '../../client/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Clock } from '../../support/index.ts'
import type { Snapshot } from '../../telemetry/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { GroupSurvey } from '../offsets/group-survey.ts'
import { WatchedGroup } from './watched-group.ts'

/** Which groups are looked at, through whom. */
export interface RelaySourceOptions {
  readonly client: ClientInstance
  /** As they are called on the wire. */
  readonly groups: readonly string[]
  /** What the cluster is called. */
  readonly cluster: string
  /** How a member says it shares queues. */
  readonly strategyOf: (member: GroupMemberFacts) => string | undefined
}

/** A snapshot, and what the brokers were found to be. */
export interface RelayLook {
  readonly snapshot: Snapshot
  /** In the order of the groups. */
  readonly surveys: readonly GroupSurvey[]
}

/** One look has so long, in ms, for all that is asked. */
const LOOK_MS = 4000

/**
 * Looks at groups through their brokers, which relay the question to every member (307): no member needs an agent, and
 * all client languages that answer Java's question are seen.
 */
export class RelaySource {
  readonly #options: RelaySourceOptions
  readonly #groups: readonly WatchedGroup[]

  constructor(options: RelaySourceOptions) {
    const { client, groups, strategyOf } = options
    this.#options = options
    this.#groups = groups.map((group) => new WatchedGroup({ client, group, strategyOf }))
  }

  /** Asks everybody once, within one deadline. Rejects when no name server answers, and when the signal aborts. */
  async look(
    options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<RelayLook> {
    const { client, cluster } = this.#options
    const wait = untilDeadline(client.clock, options.timeoutMs ?? LOOK_MS, options.signal)
    const looks = await Promise.all(this.#groups.map((group) => group.look(wait)))
    const errors = new Map(looks.flatMap((look) => look.errors.map((error) => [error.subject, error])))
    const snapshot: Snapshot = {
      schemaVersion: 1,
      asOf: client.clock.now(),
      source: 'relay',
      cluster,
      groups: looks.map(({ group }) => group),
      partial: errors.size > 0,
      errors: [...errors.values()],
    }
    return { snapshot, surveys: looks.map(({ survey }) => survey) }
  }
}

/** Each request gets what is then left of the time. */
function untilDeadline(clock: Clock, timeoutMs: number, signal: AbortSignal | undefined): InvokeOptions {
  const end = clock.monotonic() + timeoutMs
  return {
    get timeoutMs() {
      return Math.max(1, Math.ceil(end - clock.monotonic()))
    },
    signal,
  }
}
