import type { StorageError } from '../errors.ts'
import { type Channel, RemotingServer, type Transport } from '../remoting/index.ts'
import { afterInput, type Clock, type Logger, TaskScope } from '../support/index.ts'
import { type Assembly, assemble } from './assemble.ts'
import { type BrokerIdentity, identityOf } from './broker-identity.ts'
import { notifies } from './group-rules.ts'
import { allHandlers } from './handlers/index.ts'
import type { ResetMode } from './reset-mode.ts'
import { RETENTION_PERIOD_MS, type RetentionLimits } from './retention.ts'
import { Router } from './router.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { openStore, type StoreChoice } from './store/open-store.ts'

/** How to run an embedded broker. */
export interface EmbeddedBrokerOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0: any free one. Absent: none, only transports given to `accept`. */
  readonly port?: number
  readonly store: StoreChoice
  /** The host clients reach it at, where that is not the one it listens on. */
  readonly advertisedHost?: string | undefined
  /** Java's `messageDelayLevel`, e.g. `1s 5s 10m`. */
  readonly delayLevels?: string | undefined
  readonly retention?: RetentionLimits | undefined
  /** How long a queue lock lives without renewal, in ms. @default 60000 */
  readonly lockLifeMs?: number | undefined
  /** @default 'server-side' */
  readonly resetMode?: ResetMode | undefined
  /** Called once when the store failed: nothing is served any more; close the broker and end the process. */
  readonly onFatal?: (error: StorageError) => void
}

/** How often expired connections are looked for. */
const EXPIRY_SCAN_MS = 10_000

/** A small RocketMQ: name server and broker on one port, one process. */
export class EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions
  readonly #server: RemotingServer
  readonly #scope: TaskScope
  readonly #parts: Assembly
  #identity: BrokerIdentity
  #closing: Promise<void> | undefined

  /** Opens the store and begins to serve. Rejects with ListenError, StorageError or UsageError. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const store = await openStore(options.store)
    let broker: EmbeddedBroker
    try {
      broker = new EmbeddedBroker(options, store)
    } catch (error) {
      await store.close()
      throw error
    }
    try {
      await broker.#start()
      return broker
    } catch (error) {
      await broker.close()
      throw error
    }
  }

  private constructor(options: EmbeddedBrokerOptions, store: KeyValueStore) {
    this.#options = options
    const { clock, logger } = options
    this.#identity = identityOf(options, 0)
    this.#scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.warn(`${task} failed: ${error instanceof Error ? error.message : String(error)}`)
      },
    })
    this.#parts = assemble({
      ...options,
      store,
      scope: this.#scope,
      identity: () => this.#identity,
      onFatal: (error) => {
        this.#failed(error)
      },
    })
    const router = new Router(allHandlers(this.#parts.services), logger)
    this.#server = new RemotingServer({
      clock,
      onRequest: (request, channel) => {
        router.handle(request, channel)
      },
      onClose: (channel) => {
        this.#closed(channel)
      },
    })
  }

  /** `host:port` at which clients reach the broker; it is the name server's address too. */
  get address(): string {
    return this.#identity.address
  }

  /** Serves a connection that was made elsewhere, e.g. one end of a memory transport. */
  accept(transport: Transport): void {
    this.#server.accept(transport)
  }

  /** Stops serving, writes what is not written yet and closes the store. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#server.close()
    this.#parts.services.polling.close()
    await this.#scope.close()
    await this.#parts.delays.close()
    await this.#parts.revival.close()
    await this.#parts.services.journal.close()
  }

  async #start(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options
    const { journal, cleaner, consumers, producers, retention } = this.#parts.services
    await journal.flush()
    await cleaner.removeOrphans()
    if (port !== undefined) this.#identity = identityOf(this.#options, await this.#server.listen(host, port))
    this.#parts.delays.start()
    this.#parts.revival.start()
    this.#scope.every('expiring connections', EXPIRY_SCAN_MS, () => {
      for (const channel of new Set([...consumers.expired(), ...producers.expired()])) channel.destroy()
      return Promise.resolve()
    })
    this.#scope.every('removing old messages', RETENTION_PERIOD_MS, () => retention.run())
  }

  #closed(channel: Channel): void {
    const { consumers, producers, polling, groups } = this.#parts.services
    polling.dropChannel(channel)
    producers.closed(channel)
    consumers.closed(channel, (group) => notifies(groups.get(group)))
  }

  /** What could not be written was refused; those answers go out before the connections are closed. */
  #failed(error: StorageError): void {
    this.#options.logger.warn(error.message)
    afterInput(() => {
      this.#scope.run('closing after a failure', () => this.#server.close())
    })
    this.#options.onFatal?.(error)
  }
}
