import type { ClientInstance } from '../../client/index.ts'
import { RocketMQError } from '../../errors.ts'
import { compareText, type GroupConfig } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { type Brokers, findBrokers, type Master } from '../cluster-masters.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'
import { changedSettings, type GroupChange, planGroup, type WantedSettings } from './group-settings.ts'

/** A group on one broker. */
export interface GroupOnBroker {
  readonly master: Master
  /** `undefined`: this broker does not know the group. */
  readonly config: GroupConfig | undefined
  /** Topics the group may not read there, sorted. */
  readonly banned: readonly string[]
}

/** A group as all brokers have it. */
export interface FoundGroup {
  readonly brokers: Brokers
  /** Of each master that answered. */
  readonly found: readonly GroupOnBroker[]
  /** Whether any broker knows it. */
  readonly known: boolean
  /** All groups of the brokers that answered. */
  readonly names: readonly string[]
  /** Who did not answer, or has no master. */
  readonly errors: readonly SourceError[]
}

/** What became of a change on one broker. */
export interface AppliedToBroker {
  readonly master: Master
  /** Whether it reads back as wanted. */
  readonly verified: boolean
  /** Why it was not applied or could not be read back. */
  readonly error: RocketMQError | undefined
}

/** The bit of a topic a group may not read (`PermName#INDEX_PERM_READ`). */
const READ_FORBIDDEN = 1 << 2

/** How often it is looked whether a deleted group has come back. */
const LOOK_MS = 1000

/** Configurations of groups: find, plan, apply. All names are those of the wire. */
export class GroupAdmin {
  readonly #client: ClientInstance
  readonly #wait: InvokeOptions

  constructor(client: ClientInstance, wait: InvokeOptions = {}) {
    this.#client = client
    this.#wait = wait
  }

  /** Looks for a group on every master. Asks for all groups (201): asking for one (352) makes it on brokers from 5.3 on. */
  async find(group: string): Promise<FoundGroup> {
    const fanOut = new FanOut()
    const brokers = await findBrokers(this.#client, this.#wait)
    for (const name of brokers.withoutMaster) {
      fanOut.note(name, new RocketMQError('UNREACHABLE', `broker ${name} has no master now`))
    }
    const names = new Set<string>()
    const answers = brokers.masters.map(async (master) => {
      const table = await fanOut.ask(master.brokerName, () => this.#table(master))
      if (table === undefined) return undefined
      for (const name of table.subscriptionGroupTable.keys()) names.add(name)
      return { master, config: table.subscriptionGroupTable.get(group), banned: bannedIn(table, group) }
    })
    const found = (await Promise.all(answers)).filter((answer) => answer !== undefined)
    const known = found.some(({ config }) => config !== undefined)
    return { brokers, found, known, names: [...names].sort(compareText), errors: fanOut.errors }
  }

  /** Says what {@link apply} would do; a broker that does not know the group will. */
  plan(group: string, wanted: WantedSettings, { found }: FoundGroup): readonly GroupChange[] {
    return found.map((onBroker) => planGroup(group, wanted, onBroker))
  }

  /** Carries a plan out on every broker that needs it, all at once, and reads it back. */
  apply(plan: readonly GroupChange[]): Promise<readonly AppliedToBroker[]> {
    return Promise.all(plan.map((change) => this.#verified(change.master, () => this.#applyOne(change))))
  }

  /** Lets a group read a topic no more, or again, on these brokers (353), and reads it back. */
  setMayRead(
    group: string,
    topic: string,
    change: { readonly readable: boolean; readonly on: readonly GroupOnBroker[] },
  ): Promise<readonly AppliedToBroker[]> {
    const { readable, on } = change
    return Promise.all(
      on.map((onBroker) =>
        this.#verified(onBroker.master, () => this.#setMayRead(group, topic, { readable, onBroker })),
      ),
    )
  }

  /** Deletes a group on these brokers, with its offsets where wanted, and reads back that it is gone. */
  delete(
    group: string,
    masters: readonly Master[],
    options: { readonly offsets: boolean },
  ): Promise<readonly AppliedToBroker[]> {
    // 4.9 calls the one field what 5.x calls the other.
    const request = { groupName: group, cleanOffset: options.offsets, removeOffset: options.offsets }
    return Promise.all(
      masters.map((master) =>
        this.#verified(master, async () => {
          await this.#client.remoting.invoke(master.address, 'deleteSubscriptionGroup', request, this.#wait)
          return !(await this.#table(master)).subscriptionGroupTable.has(group)
        }),
      ),
    )
  }

  /**
   * Looks for a while whether a deleted group stays away, and deletes it again where it does not: a pull that a member has
   * left behind is looked at by its broker once more when its time is over, and makes the group anew with default settings
   * (`SubscriptionGroupManager#findSubscriptionGroupConfig`). Resolves to the brokers where it has come back.
   */
  async keepAway(
    group: string,
    masters: readonly Master[],
    options: { readonly offsets: boolean; readonly forMs: number },
  ): Promise<ReadonlySet<string>> {
    const { clock } = this.#client
    const end = clock.monotonic() + options.forMs
    const back = new Set<string>()
    const names = new Set(masters.map(({ brokerName }) => brokerName))
    while (clock.monotonic() < end) {
      await clock.sleep(Math.min(LOOK_MS, end - clock.monotonic()), { signal: this.#wait.signal })
      for (const { master, config } of (await this.find(group)).found) {
        if (config === undefined || !names.has(master.brokerName)) continue
        back.add(master.brokerName)
        await this.delete(group, [master], options)
      }
    }
    return back
  }

  async #verified(master: Master, work: () => Promise<boolean>): Promise<AppliedToBroker> {
    try {
      return { master, verified: await work(), error: undefined }
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      return { master, verified: false, error }
    }
  }

  async #applyOne({ master, after, effect }: GroupChange): Promise<boolean> {
    if (effect !== 'same') await this.#write(master, after)
    const config = (await this.#table(master)).subscriptionGroupTable.get(after.groupName)
    return config !== undefined && changedSettings(config, after).length === 0
  }

  async #write(master: Master, config: GroupConfig): Promise<void> {
    // Attributes are told as changes (`+name`); none keeps those there are (`SubscriptionGroupManager`).
    const body = { ...config, attributes: new Map<string, string>() }
    await this.#client.remoting.invoke(master.address, 'updateAndCreateSubscriptionGroup', { body }, this.#wait)
  }

  /**
   * A Java broker that lifts one ban lifts all of the group, and does not write that down
   * (`SubscriptionGroupManager#updateForbiddenValue`): the others are put back, and the group is written as it is.
   */
  async #setMayRead(
    group: string,
    topic: string,
    { readable, onBroker }: { readonly readable: boolean; readonly onBroker: GroupOnBroker },
  ): Promise<boolean> {
    const { master, banned, config } = onBroker
    const others = banned.filter((other) => other !== topic)
    const ask = (name: string, mayRead: boolean) => {
      const request = { group, topic: name, readable: mayRead }
      return this.#client.remoting.invoke(master.address, 'updateAndGetGroupForbidden', request, this.#wait)
    }
    await ask(topic, readable)
    if (readable) {
      for (const other of others) await ask(other, false)
      if (config !== undefined) await this.#write(master, config)
    }
    const now = bannedIn(await this.#table(master), group)
    const wanted = readable ? others : [...others, topic].sort(compareText)
    return now.length === wanted.length && now.every((name, index) => name === wanted[index])
  }

  async #table({ address }: Master) {
    return (await this.#client.remoting.invoke(address, 'getAllSubscriptionGroupConfig', {}, this.#wait)).body
  }
}

function bannedIn(
  table: { readonly forbiddenTable: ReadonlyMap<string, ReadonlyMap<string, number>> },
  group: string,
): readonly string[] {
  const topics = [...(table.forbiddenTable.get(group) ?? [])]
  return topics.flatMap(([topic, bits]) => ((bits & READ_FORBIDDEN) === 0 ? [] : [topic])).sort(compareText)
}
