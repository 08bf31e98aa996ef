import type { ClientInstance } from '../../client/index.ts'
import { queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { ClientSnapshot, FlowLimits, GroupSnapshot, QueueSnapshot, SnapshotError } from '../../telemetry/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import { type GroupSurvey, isRetryTopic, surveyGroup } from '../offsets/group-survey.ts'
import type { QueueProgress } from '../offsets/queue-progress.ts'
import { Advances } from './advances.ts'
import { clientSnapshot, flowLimits } from './client-snapshot.ts'
import { groupTotals } from './group-totals.ts'
import { Heads } from './heads.ts'
import { queueSnapshot, type ToldOffsets, toldOffsets } from './queue-snapshot.ts'
import { type RememberedMember, SilentMembers } from './silent-members.ts'
import { type Holders, holdersOf, poppedFromAny, whoHolds } from './who-holds.ts'

/** What is asked, and how names come out of it. */
export interface WatchedGroupOptions {
  readonly client: ClientInstance
  /** As it is called on the wire. */
  readonly group: string
  /** How a member says it shares queues. */
  readonly strategyOf: (member: GroupMemberFacts) => string | undefined
}

/** A group, with who did not answer. */
export interface GroupLook {
  readonly group: GroupSnapshot
  readonly errors: readonly SnapshotError[]
  readonly survey: GroupSurvey
}

/** One group that is looked at again and again: what is silent now is shown as it was, and how old that is. */
export class WatchedGroup {
  readonly #options: WatchedGroupOptions
  readonly #silent = new SilentMembers()
  readonly #advances = new Advances()
  readonly #heads = new Heads()
  readonly #offsets = new Map<string, { readonly told: ToldOffsets; readonly at: number }>()

  constructor(options: WatchedGroupOptions) {
    this.#options = options
  }

  /** Asks all brokers and members once. Rejects when no name server answers. */
  async look(wait: InvokeOptions): Promise<GroupLook> {
    const { client, group } = this.#options
    const hushed = this.#silent.hushed(client.clock.now())
    const survey = await surveyGroup(client, { group, except: hushed }, wait)
    const now = client.clock.now()
    const members = this.#silent.complete(survey.members, { now, hushed })
    const holders = holdersOf(members.map(({ member }) => member))
    this.#advances.note(client.clock.monotonic(), holders)
    const queues = this.#queues(survey, { members, holders, now })
    const clients = this.#clients(members)
    const snapshot: GroupSnapshot = {
      group: client.userName(group),
      online: survey.members.length > 0,
      messageModel: modelOf(survey),
      clients,
      queues,
      totals: groupTotals({ queues, clients, deadLetters: survey.deadLetters }, (topic) =>
        isRetryTopic(client.wireName(topic)),
      ),
    }
    return { group: snapshot, errors: errorsOf(survey, members), survey }
  }

  #clients(members: readonly RememberedMember[]): ClientSnapshot[] {
    const rates = this.#advances.rates()
    return members
      .map(({ member, toldAt, error }) => {
        const advance = rates && (rates.get(member.clientId) ?? { pulled: 0, finished: 0 })
        return clientSnapshot(member, { advance, strategy: this.#options.strategyOf(member), toldAt, error })
      })
      .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
  }

  #queues(
    survey: GroupSurvey,
    parts: {
      readonly members: readonly RememberedMember[]
      readonly holders: Holders
      readonly now: number
    },
  ): QueueSnapshot[] {
    const { members, holders, now } = parts
    const userName = (topic: string): string => this.#options.client.userName(topic)
    const limits = limitsOf(members)
    const silent = new Set(members.filter(({ error }) => error !== undefined).map(({ member }) => member.clientId))
    const pops = members.some(({ member }) => (member.info?.mqPopTable.length ?? 0) > 0)
    const broadcasts = survey.messageModel === 'BROADCASTING'
    const keys = new Set<string>()
    const queues = survey.queues.flatMap((progress): QueueSnapshot[] => {
      const key = queueKey(progress.queue)
      const held = whoHolds(progress.queue, holders)
      // Broadcasting members send nothing back: nobody reads there, and nobody has to.
      if (broadcasts && held.length === 0 && isRetryTopic(progress.queue.topic)) return []
      keys.add(key)
      const [owner] = held
      const offsets = this.#remembered(key, progress, now)
      const topic = userName(progress.queue.topic)
      const one = queueSnapshot({
        topic,
        broker: progress.queue.brokerName,
        queue: progress.queue.queueId,
        offsets,
        holders: held,
        limits: (owner && limits.get(owner.clientId)) ?? null,
        headSince: this.#heads.since(key, { owner, oldestUnread: offsets.oldestUnread, now }),
        shared: broadcasts || pops,
        silent: owner === undefined ? silent.size > 0 : silent.has(owner.clientId),
        asOf: now,
      })
      return [one]
    })
    this.#heads.keep(keys)
    for (const key of this.#offsets.keys()) if (!keys.has(key)) this.#offsets.delete(key)
    return [...queues, ...poppedFromAny(holders, { userName, asOf: now })]
  }

  #remembered(key: string, progress: QueueProgress, now: number): ToldOffsets {
    const known = this.#offsets.get(key)
    if (progress.state.kind === 'unknown') {
      const nothing = { min: null, max: null, committed: null, lag: null, oldestUnread: null }
      return known === undefined ? { ...nothing, toldAt: undefined } : { ...known.told, toldAt: known.at }
    }
    const told = toldOffsets(progress, now)
    this.#offsets.set(key, { told, at: now })
    return told
  }
}

function limitsOf(members: readonly RememberedMember[]): ReadonlyMap<string, FlowLimits | null> {
  return new Map(
    members.map(({ member }) => [member.clientId, member.info === undefined ? null : flowLimits(member.info)]),
  )
}

function modelOf({ messageModel }: GroupSurvey): GroupSnapshot['messageModel'] {
  return messageModel === 'CLUSTERING' || messageModel === 'BROADCASTING' ? messageModel : null
}

/** Members that were left alone are named all the same. */
function errorsOf(survey: GroupSurvey, members: readonly RememberedMember[]): SnapshotError[] {
  const told = survey.errors.map(({ source, error }) => ({ subject: source, message: error.message }))
  const named = new Set(told.map(({ subject }) => subject))
  const hushed = members
    .filter(({ member, error }) => error !== undefined && member.silent !== 'unable')
    .map(({ member, error }) => ({ subject: `member ${member.clientId}`, message: error ?? '' }))
  return [...told, ...hushed.filter(({ subject }) => !named.has(subject))]
}
