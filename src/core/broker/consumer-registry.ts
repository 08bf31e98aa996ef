import {
  BROKER_VERSION,
  CommandFlag,
  type ConsumerData,
  command,
  operations,
  type SubscriptionData,
  writeHeader,
} from '../protocol/index.ts'
import type { Channel } from '../remoting/index.ts'
import type { Clock } from '../support/index.ts'

/** One connection of a group. */
export interface Member {
  readonly channel: Channel
  readonly clientId: string
  readonly language: string | undefined
  readonly version: number
  /** When its last heartbeat came, by the monotonic clock. */
  readonly seenAt: number
}

/** A group with members online (`ConsumerGroupInfo.java`). */
export interface OnlineGroup {
  readonly members: Map<Channel, Member>
  readonly subscriptions: Map<string, SubscriptionData>
  consumeType: string
  messageModel: string
  consumeFromWhere: string
  fingerprint: number
}

/** A heartbeat's part about one group. */
export interface Registration {
  readonly member: Omit<Member, 'seenAt'>
  readonly data: ConsumerData
  readonly fingerprint: number
  /** Whether the others are told. */
  readonly notify: boolean
}

/** Java's `channelExpiredTimeout`. */
export const CHANNEL_EXPIRY_MS = 120_000

/**
 * Who is online in which consumer group (`ConsumerManager.java`). Every change of members or topics is told to all members
 * at once, also to the one who caused it.
 */
export class ConsumerRegistry {
  readonly #clock: Clock
  readonly #groups = new Map<string, OnlineGroup>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(group: string): OnlineGroup | undefined {
    return this.#groups.get(group)
  }

  /** Every group that is online. */
  all(): ReadonlyMap<string, OnlineGroup> {
    return this.#groups
  }

  /** The client ids of a group's members, each once; `undefined` when nobody is online. */
  clientIds(group: string): readonly string[] | undefined {
    const online = this.#groups.get(group)
    return online && [...new Set([...online.members.values()].map(({ clientId }) => clientId))]
  }

  member(group: string, clientId: string): Member | undefined {
    return [...(this.#groups.get(group)?.members.values() ?? [])].find((member) => member.clientId === clientId)
  }

  /** Takes a heartbeat. Its topics replace those of the group: the last word wins, as in Java. */
  register({ member, data, fingerprint, notify }: Registration): void {
    const group = this.#groups.get(data.groupName) ?? emptyGroup()
    this.#groups.set(data.groupName, group)
    const joined = group.members.get(member.channel)?.clientId !== member.clientId
    group.members.set(member.channel, { ...member, seenAt: this.#clock.monotonic() })
    group.consumeType = data.consumeType
    group.messageModel = data.messageModel
    group.consumeFromWhere = data.consumeFromWhere
    group.fingerprint = fingerprint
    const subscribed = updateSubscriptions(group.subscriptions, data.subscriptionDataSet)
    if (notify && (joined || subscribed)) this.#notify(data.groupName, group)
  }

  /** Notes that a member is alive without a word about its topics; false when it is not known. */
  refresh(group: string, channel: Channel): boolean {
    const members = this.#groups.get(group)?.members
    const member = members?.get(channel)
    if (members === undefined || member === undefined) return false
    members.set(channel, { ...member, seenAt: this.#clock.monotonic() })
    return true
  }

  unregister(group: string, channel: Channel, notify: boolean): void {
    const online = this.#groups.get(group)
    if (!online?.members.delete(channel)) return
    if (online.members.size === 0) this.#groups.delete(group)
    else if (notify) this.#notify(group, online)
  }

  /** Forgets a connection in all groups. */
  closed(channel: Channel, notify: (group: string) => boolean): void {
    for (const group of [...this.#groups.keys()]) this.unregister(group, channel, notify(group))
  }

  /** The connections whose heartbeats have stopped. */
  expired(): readonly Channel[] {
    const before = this.#clock.monotonic() - CHANNEL_EXPIRY_MS
    const members = [...this.#groups.values()].flatMap((group) => [...group.members.values()])
    return members.filter(({ seenAt }) => seenAt < before).map(({ channel }) => channel)
  }

  /** Lets the members of a group look again at what is theirs. */
  tell(group: string): void {
    const online = this.#groups.get(group)
    if (online !== undefined) this.#notify(group, online)
  }

  #notify(name: string, group: OnlineGroup): void {
    if (group.messageModel === 'BROADCASTING') return
    const { code, request } = operations.notifyConsumerIdsChanged
    const extFields = writeHeader(request, { consumerGroup: name })
    for (const channel of group.members.keys()) {
      const opaque = channel.nextOpaque()
      channel.send(command({ code, opaque, extFields, flag: CommandFlag.ONEWAY, version: BROKER_VERSION }))
    }
  }
}

function emptyGroup(): OnlineGroup {
  return {
    members: new Map(),
    subscriptions: new Map(),
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    fingerprint: 0,
  }
}

/** Whether the set of topics changed; a newer version of a known topic's subscription is taken silently. */
function updateSubscriptions(known: Map<string, SubscriptionData>, wanted: readonly SubscriptionData[]): boolean {
  let changed = false
  for (const data of wanted) {
    const old = known.get(data.topic)
    if (old === undefined) changed = true
    if (old === undefined || data.subVersion > old.subVersion) known.set(data.topic, data)
  }
  const topics = new Set(wanted.map(({ topic }) => topic))
  for (const topic of [...known.keys()]) {
    if (!topics.has(topic)) changed = known.delete(topic) || changed
  }
  return changed
}
