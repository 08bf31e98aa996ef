import { ConnectionError } from '../errors.ts'
import type { RemotingClient } from '../remoting/index.ts'
import { Backoff, type Clock, type Logger, type TaskScope } from '../support/index.ts'
import type { GroupMember } from './group-member.ts'
import type { HeartbeatService } from './heartbeat-service.ts'
import type { RouteTable } from './route-table.ts'

interface Options {
  readonly members: ReadonlyMap<string, GroupMember>
  readonly routes: Pick<RouteTable, 'brokers'>
  readonly remoting: Pick<RemotingClient, 'connect' | 'drop' | 'isConnected'>
  readonly heartbeats: Pick<HeartbeatService, 'beatOne'>
  readonly scope: TaskScope
  readonly clock: Clock
  readonly logger: Logger
}

const FIRST_RECONNECT_MS = 1000
const MAX_RECONNECT_MS = 10_000

/**
 * Follows the brokers of the routes. A new one is told of this client at once, and so is one whose connection was made
 * anew, for it has forgotten us; while groups are consumed a lost connection is made again even if nothing is asked of
 * it, because the broker lists members by connection. One that no route names any more is let go.
 */
export class BrokerWatch {
  readonly #options: Options
  /** Addresses that a route has named and that were not let go. */
  readonly #known = new Set<string>()
  /** All that a connection was ever made to: one that left may come back. */
  readonly #met = new Set<string>()
  readonly #reconnecting = new Set<string>()
  #started = false

  constructor(options: Options) {
    this.#options = options
  }

  /** From now on brokers are told of changes; before, they are only remembered. */
  start(): void {
    this.#started = true
  }

  /** A route is new or has changed. */
  routeChanged(): void {
    const { routes, scope, heartbeats } = this.#options
    for (const { address } of routes.brokers()) {
      if (this.#known.has(address)) continue
      this.#known.add(address)
      if (!this.#started) continue
      scope.run('heartbeat to a new broker', async () => {
        await heartbeats.beatOne(address)
      })
    }
  }

  /** Lets the brokers go that no route names any more (`MQClientInstance#cleanOfflineBroker`). */
  letGo(): void {
    const { routes, remoting, logger } = this.#options
    const named = new Set(routes.brokers().map((broker) => broker.address))
    for (const address of this.#known) {
      if (named.has(address)) continue
      logger.info(`broker ${address} has left`)
      this.#known.delete(address)
      remoting.drop(address)
    }
  }

  /** A connection was made. */
  connected(address: string): void {
    const again = this.#met.has(address)
    this.#met.add(address)
    if (!again || !this.#started || !this.#known.has(address)) return
    const { scope, heartbeats, members } = this.#options
    for (const member of members.values()) member.reconnected?.(address)
    scope.run('heartbeat after a reconnect', async () => {
      if (!(await heartbeats.beatOne(address)).accepted) return
      for (const member of members.values()) member.membersChanged()
    })
  }

  /** A connection was lost. */
  closed(address: string): void {
    const { members, scope } = this.#options
    if (!this.#started || members.size === 0 || this.#reconnecting.has(address)) return
    this.#reconnecting.add(address)
    scope.run(`reconnecting to ${address}`, async (signal) => {
      try {
        await this.#reconnect(address, signal)
      } finally {
        this.#reconnecting.delete(address)
      }
    })
  }

  /** Until there is a connection, whoever made it, or none is needed. */
  async #reconnect(address: string, signal: AbortSignal): Promise<void> {
    const { clock, members, remoting } = this.#options
    const backoff = new Backoff(FIRST_RECONNECT_MS, MAX_RECONNECT_MS)
    for (;;) {
      await clock.sleep(backoff.next(), { signal })
      if (members.size === 0 || !this.#known.has(address) || remoting.isConnected(address)) return
      try {
        await remoting.connect(address)
        return
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        this.#options.logger.debug(`cannot reconnect: ${error.message}`)
      }
    }
  }
}
