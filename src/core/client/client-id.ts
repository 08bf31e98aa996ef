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

/** What tells the clients of a host apart: made anew with each start, or a name that stays. */
type Instance = { readonly pid: number; readonly unique: string } | { readonly instance: string }

/**
 * The id of a client instance: `ip@instance[@unit][@STREAM]`, the last for consumers that poll, an IPv6 address in brackets (`ClientConfig#buildMQClientId`). Two
 * live clients with one id would share one share of the queues, so the instance is usually `pid#unique`, and `unique`
 * must differ for each client of a process. Broadcasting consumers keep their offsets under the id: theirs is a name
 * that outlives the process, `DEFAULT` for Java clients.
 */
export function clientId(
  parts: Instance & { readonly ip: string; readonly unit?: string | undefined; readonly stream?: boolean },
): string {
  const ip = parts.ip.includes(':') ? `[${parts.ip}]` : parts.ip
  const instance = 'instance' in parts ? parts.instance : `${parts.pid}#${parts.unique}`
  return `${ip}@${instance}${parts.unit === undefined ? '' : `@${parts.unit}`}${parts.stream ? '@STREAM' : ''}`
}
