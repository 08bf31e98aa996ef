import type { BrokerServices } from '../broker-services.ts'
import type { Handlers } from '../reply.ts'
import { runtimeInfo } from '../runtime-info.ts'
import { MAX_BODY_BYTES } from '../send-rules.ts'

type Services = BrokerServices

/** The broker about itself (`AdminBrokerProcessor#getBrokerRuntimeInfo`, `#getBrokerConfig`). */
export function brokerHandlers(services: Services): Handlers {
  return {
    getBrokerRuntimeInfo: () => ({ outcome: 'OK', body: { table: runtimeInfo(services) } }),
    getBrokerConfig: () => ({
      outcome: 'OK',
      version: JSON.stringify({ counter: 0, stateVersion: 0, timestamp: services.identity().startedAt }),
      body: configLines(services),
    }),
  }
}

/** The settings clients and tools ask for, by Java's names and with the values that hold here. */
function configLines({ identity, delayLevels, usage, retention, resetMode }: Services): string {
  const { brokerName, brokerId, clusterName, address, storeHost } = identity()
  const settings: readonly (readonly [string, string | number | boolean])[] = [
    ['brokerName', brokerName],
    ['brokerId', brokerId],
    ['brokerClusterName', clusterName],
    ['brokerIP1', storeHost.ip],
    ['listenPort', storeHost.port],
    ['namesrvAddr', address],
    ['brokerPermission', 6],
    ['autoCreateTopicEnable', true],
    ['autoCreateSubscriptionGroup', true],
    ['enablePropertyFilter', false],
    ['useServerSideResetOffset', resetMode === 'server-side'],
    ['messageDelayLevel', delayLevels.text],
    ['maxMessageSize', MAX_BODY_BYTES],
    ['flushDiskType', 'SYNC_FLUSH'],
    ['fileReservedTime', Math.round(retention.maxAgeMs / 3_600_000)],
    ['storePathRootDir', usage().place],
  ]
  return settings.map(([name, value]) => `${name}=${value}\n`).join('')
}
