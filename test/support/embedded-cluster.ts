import { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { ClientInstance, type ClientOptions } from '../../src/core/client/index.ts'
import { ConnectionError } from '../../src/core/errors.ts'
import { Producer } from '../../src/core/producer/index.ts'
import { type Connect, memoryTransportPair } from '../../src/core/remoting/index.ts'
import { silentLogger } from '../../src/core/support/index.ts'
import { VirtualClock } from './virtual-clock.ts'

/** The embedded broker with nothing on disk, and clients of it over memory transports, all in one virtual time. */
export class EmbeddedCluster {
  readonly clock: VirtualClock
  readonly broker: EmbeddedBroker
  readonly #transports = new Set<ReturnType<typeof memoryTransportPair>>()
  readonly #clients: ClientInstance[] = []
  #connections = 0
  #refusing = false

  private constructor(clock: VirtualClock, broker: EmbeddedBroker) {
    this.clock = clock
    this.broker = broker
  }

  static async start(): Promise<EmbeddedCluster> {
    const clock = new VirtualClock()
    const broker = await EmbeddedBroker.start({ clock, logger: silentLogger, store: { kind: 'memory' } })
    return new EmbeddedCluster(clock, broker)
  }

  client(options: Partial<ClientOptions> = {}): ClientInstance {
    const client = new ClientInstance({
      nameServers: [this.broker.address],
      clientId: `10.0.0.1@1#${this.#clients.length}`,
      clock: this.clock,
      logger: silentLogger,
      connect: this.connect,
      ...options,
    })
    this.#clients.push(client)
    return client
  }

  producer(client: ClientInstance): Producer {
    return new Producer(client, { origin: { ip: '10.0.0.1', pid: 1, instance: this.#clients.length } })
  }

  /** How clients reach the broker, which is the name server too. */
  readonly connect: Connect = () => {
    if (this.#refusing) return Promise.reject(new ConnectionError(this.broker.address, 'connection refused'))
    this.#connections += 1
    const pair = memoryTransportPair({ client: `10.0.0.1:${this.#connections}`, server: this.broker.address })
    this.#transports.add(pair)
    this.broker.accept(pair.server)
    return Promise.resolve(pair.client)
  }

  /** Breaks all connections and refuses new ones, as a broker that is down does, or takes them again. */
  refuseConnections(refusing: boolean): void {
    this.#refusing = refusing
    if (refusing) this.breakConnections()
  }

  /** Loses every connection of every client, as a broken network does. */
  breakConnections(): void {
    for (const { client } of this.#transports) client.break()
    this.#transports.clear()
  }

  /** Sends a frame to every client, as if the broker did. */
  tellClients(frame: Buffer): void {
    for (const { server } of this.#transports) server.write([frame])
  }

  /** Closes clients, then the broker. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    await this.broker.close()
  }
}
