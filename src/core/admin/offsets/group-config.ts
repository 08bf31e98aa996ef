import type { ClientInstance } from '../../client/index.ts'
import { compareText, groupConfigShape } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import { FanOut, type SourceError } from './fan-out.ts'

/** The groups brokers know, whether online or not. */
export interface KnownGroups {
  /** Names by broker; only of brokers that answered. */
  readonly byBroker: ReadonlyMap<string, ReadonlySet<string>>
  /** All names, sorted. */
  readonly names: readonly string[]
  readonly errors: readonly SourceError[]
}

/** Asks masters for all their groups (201). Asking for one (352) would create it on brokers from 5.3 on. */
export async function knownGroups(
  client: ClientInstance,
  masters: readonly Master[],
  wait: InvokeOptions,
): Promise<KnownGroups> {
  const fanOut = new FanOut()
  const byBroker = new Map<string, ReadonlySet<string>>()
  const answers = masters.map(async ({ brokerName, address }) => {
    const ask = () => client.remoting.invoke(address, 'getAllSubscriptionGroupConfig', {}, wait)
    const answer = await fanOut.ask(brokerName, ask)
    if (answer !== undefined) byBroker.set(brokerName, new Set(answer.body.subscriptionGroupTable.keys()))
  })
  await Promise.all(answers)
  const names = [...new Set([...byBroker.values()].flatMap((groups) => [...groups]))].sort(compareText)
  return { byBroker, names, errors: fanOut.errors }
}

/** Creates a group with the brokers' defaults (200). Only for brokers that do not know it: settings would be lost. */
export async function createGroup(
  client: ClientInstance,
  group: string,
  masters: readonly Master[],
  wait: InvokeOptions,
): Promise<void> {
  const body = groupConfigShape.read(new Map([['groupName', group]]), 'group')
  const answers = masters.map(({ address }) =>
    client.remoting.invoke(address, 'updateAndCreateSubscriptionGroup', { body }, wait),
  )
  await Promise.all(answers)
}
