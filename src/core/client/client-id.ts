import { networkInterfaces } from 'node:os'

/** An address of this host for ids: the first IPv4 one that is not loopback, else loopback. */
export function localIp(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const found = addresses.find((entry) => entry.family === 'IPv4' && !entry.internal)
  return found?.address ?? '127.0.0.1'
}

/**
 * The id of a client instance: `ip@pid#unique[@unit]` (`ClientConfig#buildMQClientId`). Two live clients with one id would share one
 * share of the queues, so `unique` must differ for each instance of a process.
 */
export function clientId(parts: {
  readonly ip: string
  readonly pid: number
  readonly unique: string
  readonly unit?: string | undefined
}): string {
  return `${parts.ip}@${parts.pid}#${parts.unique}${parts.unit === undefined ? '' : `@${parts.unit}`}`
}
