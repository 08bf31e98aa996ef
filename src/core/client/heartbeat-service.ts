import type { HeartbeatData } from '../protocol/bodies/heartbeat.ts'
import type { RemotingClient } from '../remoting/index.ts'
import { type Logger, SingleFlight } from '../support/index.ts'
import type { GroupMember } from './group-member.ts'
import type { RouteTable } from './route-table.ts'

interface Options {
  readonly clientId: string
  readonly members: ReadonlyMap<string, GroupMember>
  readonly producerGroups: ReadonlyMap<string, number>
  readonly routes: RouteTable
  readonly remoting: RemotingClient
  readonly logger: Logger
}

/**
 * Tells every broker who is here. With a consumer it goes to all replicas, else to masters only. A heartbeat asked for
 * while one is under way follows it, never is skipped: a pull must not run ahead of the subscription it relies on.
 */
export class HeartbeatService {
  readonly #options: Options
  readonly #sending = new SingleFlight<boolean>()
  #running: Promise<void> | undefined
  #again: Promise<void> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when a heartbeat that was begun after this call has been answered or has failed everywhere. */
  beat(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#beatAll().finally(() => {
        this.#running = undefined
      })
      return this.#running
    }
    this.#again ??= this.#running.then(() => {
      this.#again = undefined
      return this.beat()
    })
    return this.#again
  }

  /** Tells one broker, e.g. after its connection was made anew. Whether it accepted. */
  beatOne(address: string): Promise<boolean> {
    return this.#sending.run(address, () => this.#send(address))
  }

  async #beatAll(): Promise<void> {
    const { members, routes } = this.#options
    const brokers = routes.brokers().filter((broker) => members.size > 0 || broker.brokerId === 0)
    await Promise.all(brokers.map(({ address }) => this.#send(address)))
  }

  async #send(address: string): Promise<boolean> {
    const body = this.#body()
    if (body.consumerDataSet.length === 0 && body.producerDataSet.length === 0) return false
    try {
      await this.#options.remoting.invoke(address, 'heartBeat', { body })
      return true
    } catch (error) {
      this.#options.logger.warn(`heartbeat to ${address} failed: ${String(error)}`)
      return false
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
