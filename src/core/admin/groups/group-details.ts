import type { ClientInstance } from '../../client/index.ts'
import { compareText } from '../../protocol/index.ts'
import { halved, type InvokeOptions } from '../../remoting/index.ts'
import { type Brokers, findBrokers } from '../cluster-masters.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { askMembers, findConnections, type GroupMemberFacts, type Membership } from '../offsets/group-members.ts'

/** A member, and which brokers know it. */
export interface DetailedMember extends GroupMemberFacts {
  /** Sorted. */
  readonly brokers: readonly string[]
}

/** A group with its members. */
export interface GroupDetails extends Membership {
  readonly group: string
  readonly brokers: Brokers
  /** Sorted by id; only the one asked for, where one is. */
  readonly members: readonly DetailedMember[]
  /** Ids of all members, sorted. */
  readonly clientIds: readonly string[]
  readonly errors: readonly SourceError[]
}

/** What to find out of a group. */
export interface DetailsRequest {
  /** As it is called on the wire. */
  readonly group: string
  /** Only this member. */
  readonly clientId?: string | undefined
  /** What its threads do, too. @default false */
  readonly stack?: boolean
}

/** Asks all brokers who is in a group, and each member how it stands (203, 307). Rejects when no name server answers. */
export async function groupDetails(
  client: ClientInstance,
  { group, clientId, stack = false }: DetailsRequest,
  wait: InvokeOptions,
): Promise<GroupDetails> {
  const fanOut = new FanOut()
  const brokers = await findBrokers(client, wait)
  // Half of the time: a broker that hangs must leave the members enough.
  const half = halved(wait)
  const connections = await findConnections(client, group, { fanOut, masters: brokers.masters, wait: half })
  const members = await askMembers(client, group, { connections, fanOut, wait: half, only: clientId, stack })
  const brokersOf = (id: string): string[] =>
    connections.byBroker
      .filter(({ told }) => told?.connectionSet.some((one) => one.clientId === id) === true)
      .map(({ master }) => master.brokerName)
      .sort(compareText)
  return {
    group,
    brokers,
    ...connections.membership,
    members: members
      .map((member) => ({ ...member, brokers: brokersOf(member.clientId) }))
      .sort((a, b) => compareText(a.clientId, b.clientId)),
    clientIds: [...connections.seen.keys()].sort(compareText),
    errors: fanOut.errors,
  }
}
