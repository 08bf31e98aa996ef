import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import type { GroupConfig } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { FanOut } from '../offsets/fan-out.ts'

/** What a broker lets a group do. */
export interface BrokerRules {
  readonly brokerName: string
  /** `undefined`: the broker does not know the group. */
  readonly config: GroupConfig | undefined
  /** Topics the group may not read there, whatever else holds (353). */
  readonly banned: readonly string[]
  /** For how long messages are kept, in ms; `undefined`: it does not tell. */
  readonly retentionMs: number | undefined
}

const HOUR_MS = 3_600_000

/** The bit by which a broker keeps a group from reading a topic (`PermName.INDEX_PERM_READ` of `forbiddenTable`). */
const NO_READING = 1 << 2

/** Asks every master for a group's configuration, among all of them (201), and for its own settings (26). */
export async function readBrokerRules(
  client: ClientInstance,
  group: string,
  parts: { readonly masters: readonly Master[]; readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<readonly BrokerRules[]> {
  const { masters, fanOut, wait } = parts
  const answers = masters.map(async ({ brokerName, address }): Promise<BrokerRules | undefined> => {
    const [told, retentionMs] = await Promise.all([
      fanOut.ask(brokerName, () => client.remoting.invoke(address, 'getAllSubscriptionGroupConfig', {}, wait)),
      fanOut.ask(brokerName, () => retentionOf(client, address, wait)),
    ])
    if (told === undefined) return undefined
    const bans = [...(told.body.forbiddenTable.get(group) ?? [])]
    return {
      brokerName,
      config: told.body.subscriptionGroupTable.get(group),
      banned: bans.filter(([, bits]) => (bits & NO_READING) !== 0).map(([topic]) => topic),
      retentionMs,
    }
  })
  return (await Promise.all(answers)).filter((rules) => rules !== undefined)
}

/** Settings are for administrators, where there are rights: who may not read them goes without. */
async function retentionOf(client: ClientInstance, address: string, wait: InvokeOptions): Promise<number | undefined> {
  try {
    const { body } = await client.remoting.invoke(address, 'getBrokerConfig', {}, wait)
    const hours = /^fileReservedTime=(\d{1,6})$/m.exec(body)?.[1]
    return hours === undefined ? undefined : Number(hours) * HOUR_MS
  } catch (error) {
    if (!(error instanceof BrokerResponseError)) throw error
    return undefined
  }
}
