import type { Credentials } from '../protocol/index.ts'
import { type TlsOptions, tcpConnect } from '../remoting/index.ts'
import { silentLogger, systemClock } from '../support/index.ts'
import { clientId, localIp } from './client-id.ts'
import { ClientInstance, type ClientOptions } from './client-instance.ts'
import { parseNameServers } from './name-server-addresses.ts'

/** How a client reaches its cluster; everything but the name servers has a default. */
export interface ClientSettings extends Partial<Omit<ClientOptions, 'nameServers' | 'connect'>> {
  /** `host:port;host:port`, or a list of such. */
  readonly nameServers: string | readonly string[]
  readonly credentials?: Credentials | undefined
  /** TLS to name servers and brokers. @default plain TCP */
  readonly tls?: TlsOptions | undefined
  /** Where advertised addresses are really reached, e.g. through a tunnel: told → real. */
  readonly addressMap?: ReadonlyMap<string, string> | undefined
  /** What tells this client's id from those of the same host and process to people; part of the id. */
  readonly unit?: string | undefined
  /** A name that stays across restarts, as broadcasting consumers need it. @default made anew for each client */
  readonly instance?: string | undefined
  /** For each connection, in ms. @default 3000 */
  readonly connectTimeoutMs?: number | undefined
}

/**
 * Builds a client over TCP, by the system's clock, with an id of its own and no log unless given. Nothing is connected
 * before it is used; close it at the end. Throws UsageError for an address or a TLS file that cannot be read.
 */
export function createClient(settings: ClientSettings): ClientInstance {
  const {
    nameServers,
    tls,
    addressMap = new Map<string, string>(),
    connectTimeoutMs = 3000,
    unit,
    instance,
    ...options
  } = settings
  const listed = typeof nameServers === 'string' ? nameServers : nameServers.join(';')
  return new ClientInstance({
    clientId: clientId({
      ip: localIp(),
      unit,
      ...(instance === undefined ? { pid: process.pid, unique: String(process.hrtime.bigint()) } : { instance }),
    }),
    clock: systemClock,
    logger: silentLogger,
    ...options,
    nameServers: listed === '' ? [] : parseNameServers(listed),
    connect: tcpConnect({ connectTimeoutMs, tls, addressMap }),
  })
}
