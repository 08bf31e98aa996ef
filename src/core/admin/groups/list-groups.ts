import type { ClientInstance } from '../../client/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { findBrokers, type Master } from '../cluster-masters.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { knownGroups } from '../offsets/group-config.ts'
import { type Connections, findConnections, type Membership } from '../offsets/group-members.ts'

/** A group as brokers know it. */
export interface ListedGroup extends Pick<Membership, 'messageModel' | 'consumeType'> {
  readonly group: string
  /** Brokers that have a configuration of it. */
  readonly brokers: readonly string[]
  /** Who is online, each client once. */
  readonly members: readonly {
    readonly clientId: string
    readonly language: string | undefined
    readonly version: number
  }[]
  /** Brokers that did not tell of its members. */
  readonly unknown: readonly string[]
}

/** Groups asked for at once: a cluster may have thousands. */
const AT_ONCE = 32

/** Lists the groups of a cluster (201), and asks who is online in each that is wanted (203). Rejects when no name server answers. */
export async function listGroups(
  client: ClientInstance,
  isWanted: (group: string) => boolean,
  wait: InvokeOptions,
): Promise<{ readonly groups: readonly ListedGroup[]; readonly errors: readonly SourceError[] }> {
  const { masters } = await findBrokers(client, wait)
  const known = await knownGroups(client, masters, wait)
  const fanOut = new FanOut()
  for (const { source, error } of known.errors) fanOut.note(source, error)
  const names = known.names.filter(isWanted)
  const groups = new Map<string, ListedGroup>()
  const next = names.values()
  const worker = async (): Promise<void> => {
    for (const group of next) {
      const here = masters.filter(({ brokerName }) => known.byBroker.get(brokerName)?.has(group) === true)
      groups.set(group, listed(group, here, await findConnections(client, group, { fanOut, masters: here, wait })))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { groups: names.flatMap((name) => groups.get(name) ?? []), errors: fanOut.errors }
}

function listed(group: string, here: readonly Master[], { seen, byBroker, membership }: Connections): ListedGroup {
  const answered = new Set(byBroker.map(({ master }) => master.brokerName))
  const brokers = here.map(({ brokerName }) => brokerName)
  return {
    group,
    brokers,
    members: [...seen].map(([clientId, { language, version }]) => ({ clientId, language, version })),
    messageModel: membership.messageModel,
    consumeType: membership.consumeType,
    unknown: brokers.filter((name) => !answered.has(name)),
  }
}
