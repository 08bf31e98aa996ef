import { ClientInstance, type ClientOptions } from '../../src/core/client/index.ts'
import type { TopicRouteData } from '../../src/core/protocol/bodies/topic-route.ts'
import { ResponseCode } from '../../src/core/protocol/index.ts'
import { FakeNetwork, type FakePeer, FakeRefusal } from './fake-network.ts'
import { routeOf } from './fake-routes.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A name server that tells the routes it is given, brokers that take heartbeats, and clients of them, in virtual time. */
export class FakeCluster {
  readonly clock = new VirtualClock()
  readonly network = new FakeNetwork(this.clock)
  readonly nameServer: FakePeer
  /** What the name server knows. */
  readonly routes = new Map<string, TopicRouteData>()
  /** What clients said to people. */
  readonly log: string[] = []

  constructor() {
    this.nameServer = this.network.listen('ns:9876').on('getRouteInfoByTopic', ({ topic }) => {
      const body = this.routes.get(topic)
      return body === undefined ? new FakeRefusal(ResponseCode.TOPIC_NOT_EXIST) : { outcome: 'OK', body }
    })
  }

  /** A broker that accepts heartbeats and lets members go. */
  broker(address: string): FakePeer {
    return this.network
      .listen(address)
      .on('heartBeat', () => ({ outcome: 'OK' }))
      .on('unregisterClient', () => ({ outcome: 'OK' }))
  }

  /** A broker that stores messages too: the n-th gets offset n. */
  storingBroker(address: string): FakePeer {
    let next = 0
    return this.broker(address)
      .on('sendMessageV2', ({ queueId }) => ({ outcome: 'SEND_OK', msgId: 'OFFSET', queueId, queueOffset: next++ }))
      .on('sendBatchMessage', ({ queueId }) => ({ outcome: 'SEND_OK', msgId: 'X,Y,Z', queueId, queueOffset: 10 }))
  }

  /** Puts a topic on brokers named as told, each at `NAME:1`, with two queues. */
  place(topic: string, ...names: readonly string[]): void {
    const brokers = names.map((name) => ({ name, addresses: { 0: `${name}:1` }, read: 2, write: 2 }))
    this.routes.set(topic, routeOf(brokers))
  }

  client(options: Partial<ClientOptions> = {}): ClientInstance {
    return new ClientInstance({
      nameServers: ['ns:9876'],
      clientId: '10.0.0.1@1#1',
      connect: this.network.connect,
      clock: this.clock,
      logger: {
        debug: () => undefined,
        info: (text) => this.log.push(text),
        warn: (text) => this.log.push(text),
      },
      ...options,
    })
  }
}
