import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/**
 * An address of this host for ids: the first IPv4 one that is not loopback, else such an IPv6 one, else loopback. An
 * IPv6 address that holds for one link only is no address of the host.
 */
export function localIp(interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]> = networkInterfaces()): string {
  const addresses = Object.values(interfaces).flatMap((list) => list ?? [])
  const outside = addresses.filter((entry) => !entry.internal && !/^fe[89ab]/i.test(entry.address))
  const found = outside.find((entry) => entry.family === 'IPv4') ?? outside[0]
  return found?.address ?? '127.0.0.1'
}

/**
 * The id of a client instance: `ip@pid#unique[@unit]`, an IPv6 address in brackets (`ClientConfig#buildMQClientId`). Two
 * live clients with one id would share one share of the queues, so `unique` must differ for each instance of a process.
 */
export function clientId(parts: {
  readonly ip: string
  readonly pid: number
  readonly unique: string
  readonly unit?: string | undefined
}): string {
  const ip = parts.ip.includes(':') ? `[${parts.ip}]` : parts.ip
  return `${ip}@${parts.pid}#${parts.unique}${parts.unit === undefined ? '' : `@${parts.unit}`}`
}
