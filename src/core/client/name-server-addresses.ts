import { UsageError } from '../errors.ts'
import { parseIp } from '../protocol/index.ts'
import { joinAddress, splitAddress } from '../remoting/index.ts'

const DEFAULT_PORT = 9876

/**
 * Splits `host:port;host:port` (commas will do). The default port is 9876; of an `http://host:port/…` endpoint the
 * address counts. Throws {@link UsageError} for anything else.
 */
export function parseNameServers(text: string): string[] {
  const parts = text
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw new UsageError('no name server is given; write e.g. 127.0.0.1:9876')
  return [...new Set(parts.map(parseNameServer))]
}

function parseNameServer(part: string): string {
  const bare = part.replace(/^\w+:\/\/([^/]+).*$/, '$1')
  const target = splitAddress(/:\d+$/.test(bare) ? bare : `${bare}:${DEFAULT_PORT}`)
  if (target === undefined || !isHost(target.host)) {
    throw new UsageError(
      `'${part}' is not a name server address; write host:port, IPv6 as [::1]:9876, several separated by ';'`,
    )
  }
  return joinAddress(target.host, target.port)
}

/** With a colon it must be an IPv6 address: `::1` without a port would be cut in the middle. */
function isHost(host: string): boolean {
  return host.includes(':') ? parseIp(host) !== undefined : /^[^\s@/]+$/.test(host)
}

/** The namespace in the host name of a cloud instance's endpoint, `MQ_INST_….region…:port` (`NameServerAddressUtils.java`). */
export function namespaceOf(nameServers: readonly string[]): string | undefined {
  return nameServers.map((address) => /^(MQ_INST_\w+_\w+)\./.exec(address)?.[1]).find((found) => found !== undefined)
}
