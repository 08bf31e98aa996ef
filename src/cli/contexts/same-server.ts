import { lookup } from 'node:dns/promises'
import { type Clock, unlessLate } from '../../core/support/index.ts'

/** Finds the addresses a host name stands for; an address stands for itself. */
export type FindAddresses = (host: string) => Promise<readonly string[]>

/** A name nobody resolves in this time, in ms, is only a name. */
const LOOKUP_MS = 1000

/** Asks as the system does, once for each host; rejects when there is no answer within a second. */
export function askSystem(clock: Clock): FindAddresses {
  const asked = new Map<string, Promise<readonly string[]>>()
  const ask = async (host: string): Promise<readonly string[]> => {
    const late = (): Error => new Error(`${host} was not found in time`)
    const entries = await unlessLate(lookup(host, { all: true }), { clock, ms: LOOKUP_MS, late })
    return entries.map(({ address }) => address)
  }
  return (host) => {
    const answer = asked.get(host) ?? ask(host)
    asked.set(host, answer)
    return answer
  }
}

/**
 * Whether one of some servers, `host:port` each, is one of some others: by what they are called or by an address both have. All
 * names of this machine's loopback are one. A name that cannot be resolved is compared as it is written.
 */
export async function shareServer(
  some: readonly string[],
  others: readonly string[],
  find: FindAddresses,
): Promise<boolean> {
  const [own, theirs] = await Promise.all([namesOf(some, find), namesOf(others, find)])
  return [...own].some((name) => theirs.has(name))
}

async function namesOf(servers: readonly string[], find: FindAddresses): Promise<ReadonlySet<string>> {
  const each = await Promise.all(
    servers.map(async (server) => {
      const [host, port] = parts(server)
      return [host, ...(await found(host, find))].map((name) => `${isLoopback(name) ? 'loopback' : name}:${port}`)
    }),
  )
  return new Set(each.flat())
}

/** Host and port, as they are compared: brackets, case and a last dot say nothing. */
function parts(server: string): readonly [host: string, port: string] {
  const colon = server.lastIndexOf(':')
  const host = server.slice(0, colon).toLowerCase()
  return [host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''), server.slice(colon + 1)]
}

async function found(host: string, find: FindAddresses): Promise<readonly string[]> {
  try {
    return await find(host)
  } catch {
    return []
  }
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^(?:::ffff:)?127(?:\.\d+){3}$/.test(name)
}
