import type { TopicRouteData } from '../protocol/index.ts'

/** A broker process that a route names. */
export interface BrokerAddress {
  readonly brokerName: string
  /** 0 is the master. */
  readonly brokerId: number
  readonly address: string
}

/**
 * Addresses of brokers by name and id, from routes in the order they were learned. The newest route that names a
 * broker tells all of its addresses: what an older one says beside them has left or moved
 * (`MQClientInstance#updateTopicRouteInfoFromNameServer`).
 */
export class BrokerAddresses {
  readonly #byName = new Map<string, ReadonlyMap<number, string>>()

  constructor(routes: Iterable<TopicRouteData>) {
    for (const { brokerDatas } of routes) {
      for (const { brokerName, brokerAddrs } of brokerDatas) this.#byName.set(brokerName, brokerAddrs)
    }
  }

  /** Every broker process. */
  get all(): BrokerAddress[] {
    return [...this.#byName].flatMap(([brokerName, addresses]) =>
      [...addresses].map(([brokerId, address]) => ({ brokerName, brokerId, address })),
    )
  }

  masterOf(brokerName: string): string | undefined {
    return this.#byName.get(brokerName)?.get(0)
  }

  /** The replica with that id, else the next, else any (`MQClientInstance#findBrokerAddressInSubscribe`). */
  replicaOf(brokerName: string, brokerId: number): BrokerAddress | undefined {
    const addresses = this.#byName.get(brokerName)
    if (addresses === undefined) return undefined
    for (const id of [brokerId, brokerId + 1, ...addresses.keys()]) {
      const address = addresses.get(id)
      if (address !== undefined) return { brokerName, brokerId: id, address }
    }
    return undefined
  }
}
