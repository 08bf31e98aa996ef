import { AuthorizationError, isAbort, RocketMQError, TimeoutError } from '../errors.ts'
import type { HeartbeatData } from '../protocol/index.ts'
import type { RemotingClient } from '../remoting/index.ts'
import { type Clock, type Logger, unlessLate } from '../support/index.ts'
import type { GroupMember } from './group-member.ts'
import type { RouteTable } from './route-table.ts'

interface Options {
  readonly clientId: string
  readonly members: ReadonlyMap<string, GroupMember>
  readonly producerGroups: ReadonlyMap<string, number>
  readonly routes: Pick<RouteTable, 'brokers'>
  readonly remoting: Pick<RemotingClient, 'invoke' | 'oneway' | 'drop' | 'isConnected'>
  readonly clock: Clock
  readonly logger: Logger
  /** Ends all waiting. */
  readonly signal: AbortSignal
}

/** What became of a heartbeat: what it failed with if it did. */
export interface Beat {
  /** Whether a broker knows now who is here. */
  readonly accepted: boolean
  readonly error?: unknown
}

/** Heartbeats to one broker: the one under way, and the one that follows it if anybody has asked meanwhile. */
interface Turn {
  readonly running: Promise<Beat>
  next: Promise<Beat> | undefined
}

/** Which group a client leaves. */
export type LeftGroup = { readonly consumerGroup: string } | { readonly producerGroup: string }

/** A connection over which so many heartbeats in a row got no answer is taken for dead. */
const SILENT_HEARTBEATS = 2
/** A broker that is asked to forget us is not waited for any longer; closing the connection says the same. */
const UNREGISTER_TIMEOUT_MS = 1000

/**
 * Tells every broker who is here. With a consumer it goes to all replicas, else to masters only. Each broker has its
 * own turn, so that one that hangs does not keep the others from it. A heartbeat asked for while one is under way
 * follows it, never is skipped: a pull must not run ahead of the subscription it relies on.
 */
export class HeartbeatService {
  readonly #options: Options
  readonly #turns = new Map<string, Turn>()
  readonly #silent = new Map<string, number>()
  /** Brokers that have accepted a heartbeat before. */
  readonly #welcome = new Set<string>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when every broker has answered, or failed to answer, a heartbeat that was begun after this call. */
  async beat(): Promise<readonly Beat[]> {
    const { members, routes } = this.#options
    const brokers = routes.brokers().filter((broker) => members.size > 0 || broker.brokerId === 0)
    const addresses = new Set(brokers.map((broker) => broker.address))
    return Promise.all([...addresses].map((address) => this.beatOne(address)))
  }

  /** The same for one broker, e.g. after its connection was made anew. */
  beatOne(address: string): Promise<Beat> {
    const turn = this.#turns.get(address)
    if (turn === undefined) return this.#begin(address)
    turn.next ??= turn.running.then(() => this.#begin(address))
    return turn.next
  }

  /**
   * Takes a group that this client has left off the list of every connected broker. It follows a heartbeat that is
   * under way: a broker may handle the two in any order. Resolves when all have answered, failed or taken too long.
   */
  async unregister(group: LeftGroup): Promise<void> {
    const { routes, remoting, logger } = this.#options
    const addresses = new Set(routes.brokers().map((broker) => broker.address))
    const told = [...addresses].map(async (address) => {
      if (!remoting.isConnected(address)) return
      try {
        await this.#unregisterFrom(address, group)
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error
        logger.debug(`cannot unregister from ${address}: ${error.message}`)
      }
    })
    await Promise.all(told)
  }

  #begin(address: string): Promise<Beat> {
    const running = this.#send(address).finally(() => {
      if (this.#turns.get(address)?.next === undefined) this.#turns.delete(address)
    })
    this.#turns.set(address, { running, next: undefined })
    return running
  }

  async #send(address: string): Promise<Beat> {
    const { remoting, signal } = this.#options
    const body = this.#body()
    const empty = body.consumerDataSet.length === 0 && body.producerDataSet.length === 0
    if (signal.aborted || empty) return { accepted: false }
    try {
      await remoting.invoke(address, 'heartBeat', { body }, { signal })
      this.#silent.delete(address)
      this.#welcome.add(address)
      return { accepted: true }
    } catch (error) {
      if (!isAbort(error)) this.#failed(address, error)
      return { accepted: false, error }
    }
  }

  #failed(address: string, error: unknown): void {
    const { logger, remoting } = this.#options
    const text = `heartbeat to ${address} failed: ${error instanceof Error ? error.message : String(error)}`
    // Who was never let in hears of it by the answer to what it wanted.
    if (error instanceof AuthorizationError && !this.#welcome.has(address)) logger.debug(text)
    else logger.warn(text)
    const silent = error instanceof TimeoutError ? (this.#silent.get(address) ?? 0) + 1 : 0
    this.#silent.set(address, silent)
    if (silent < SILENT_HEARTBEATS) return
    // Without a reset from the peer's host, the system would take a quarter of an hour to notice.
    this.#silent.delete(address)
    remoting.drop(address)
  }

  async #unregisterFrom(address: string, group: LeftGroup): Promise<void> {
    const { remoting, clientId } = this.#options
    const request = { clientID: clientId, ...group }
    if (await this.#quiet(address)) {
      await remoting.invoke(address, 'unregisterClient', request, { timeoutMs: UNREGISTER_TIMEOUT_MS })
    } else {
      await remoting.oneway(address, 'unregisterClient', request)
    }
  }

  /** Whether a heartbeat that is under way has ended in time. */
  async #quiet(address: string): Promise<boolean> {
    const running = this.#turns.get(address)?.running
    if (running === undefined) return true
    const late = (): Error => new TimeoutError(address, 'heartBeat', UNREGISTER_TIMEOUT_MS)
    try {
      await unlessLate(running, { clock: this.#options.clock, ms: UNREGISTER_TIMEOUT_MS, late })
      return true
    } catch (error) {
      if (error instanceof TimeoutError) return false
      throw error
    }
  }

  #body(): HeartbeatData {
    return {
      clientID: this.#options.clientId,
      consumerDataSet: [...this.#options.members.values()].map((member) => member.heartbeat()),
      heartbeatFingerprint: 0,
      producerDataSet: [...this.#options.producerGroups.keys()].map((groupName) => ({ groupName })),
      withoutSub: false,
    }
  }
}
