import { createHash } from 'node:crypto'
import { UsageError } from '../../../errors.ts'
import type { MessageQueue } from '../../../protocol/index.ts'
import { type AllocateMessageQueueStrategy, placeOf } from './strategy.ts'

/** How the ring is made. */
export interface ConsistentHashOptions {
  /** Places of each member on the ring. @default 10 */
  readonly virtualNodes?: number
  /** Where a text lies on the ring (`HashFunction.java`). @default the first 32 bits of its MD5 */
  readonly hash?: (key: string) => number
}

interface Ring {
  /** Taken places, ascending. */
  readonly places: readonly number[]
  readonly owners: ReadonlyMap<number, string>
}

/**
 * Members and queues lie on a ring of hashes; a queue belongs to the first member at or after it, so that a join or a
 * leave moves few queues (`AllocateMessageQueueConsistentHash.java`). @throws UsageError for less than 0 virtual nodes.
 */
export function allocateMessageQueueConsistentHash(options: ConsistentHashOptions = {}): AllocateMessageQueueStrategy {
  const { virtualNodes = 10, hash = md5Hash } = options
  if (!(virtualNodes >= 0)) throw new UsageError(`virtualNodes is ${virtualNodes}; it must be at least 0`)
  // A pass asks for the shares of several members of one list.
  const rings = new WeakMap<readonly string[], Ring>()
  return {
    name: 'CONSISTENT_HASH',
    allocate(allocation) {
      if (placeOf(allocation) === -1) return []
      const { clientId, clientIds, queues } = allocation
      const ring = rings.get(clientIds) ?? buildRing(clientIds, virtualNodes, hash)
      rings.set(clientIds, ring)
      return queues.filter((queue) => ownerOf(ring, hash(ringKey(queue))) === clientId)
    },
  }
}

/** As `ConsistentHashRouter#addNode`: of two with one place the later has it, and one listed twice goes on counting. */
function buildRing(clientIds: readonly string[], virtualNodes: number, hash: (key: string) => number): Ring {
  const owners = new Map<number, string>()
  const listed = new Set<string>()
  for (const clientId of clientIds) {
    const first = listed.has(clientId) ? [...owners.values()].filter((owner) => owner === clientId).length : 0
    listed.add(clientId)
    for (let node = 0; node < virtualNodes; node++) owners.set(hash(`${clientId}-${first + node}`), clientId)
  }
  return { places: [...owners.keys()].sort((a, b) => a - b), owners }
}

function ownerOf({ places, owners }: Ring, at: number): string | undefined {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((places[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const place = places[low] ?? places[0]
  return place === undefined ? undefined : owners.get(place)
}

/** `MessageQueue#toString`. */
function ringKey({ topic, brokerName, queueId }: MessageQueue): string {
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`
}

function md5Hash(key: string): number {
  return createHash('md5').update(key).digest().readUInt32BE(0)
}
