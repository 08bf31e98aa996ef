import { type Host, parseIp } from '../protocol/index.ts'
import { type Channel, splitAddress } from '../remoting/index.ts'

/** Where a client is, as its messages say. An IPv4 address that came over an IPv6 socket is written as IPv4. */
export function clientHost(channel: Channel): Host {
  const split = splitAddress(channel.remoteAddress)
  const ip = split?.host.replace(/^::ffff:/i, '') ?? ''
  return { ip: parseIp(ip) === undefined ? '127.0.0.1' : ip, port: split?.port ?? 0 }
}

/** The same as `host:port`. */
export function clientAddress(channel: Channel): string {
  const { ip, port } = clientHost(channel)
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
