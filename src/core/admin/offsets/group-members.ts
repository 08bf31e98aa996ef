import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import {
  type ConsumerConnection,
  type ConsumerRunningInfo,
  type MessageQueue,
  queueKey,
  ResponseCode,
} from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { FanOut } from './fan-out.ts'
import type { QueueOwner } from './queue-progress.ts'

/** A member of a group, as brokers and it itself tell. */
export interface GroupMemberFacts {
  readonly clientId: string
  /** Where it connects from; several when two clients have one id. */
  readonly addresses: readonly string[]
  readonly language: string | undefined
  readonly version: number
  /** What it told of itself; `undefined` when it does not answer, or cannot. */
  readonly info: ConsumerRunningInfo | undefined
  /** Why it told nothing: it answers no such question, or did not answer in time. */
  readonly silent: 'unable' | 'unanswered' | undefined
}

/** Who is online in a group. */
export interface Membership {
  readonly members: readonly GroupMemberFacts[]
  /** `CLUSTERING` or `BROADCASTING`, of a group that is online. */
  readonly messageModel: string | undefined
  /** `CONSUME_PASSIVELY` (push), `CONSUME_ACTIVELY` (pull) or `CONSUME_POP`. */
  readonly consumeType: string | undefined
  /** Topics some broker has a subscription of. */
  readonly subscribed: ReadonlySet<string>
}

/** A member has this long to tell of itself: a frozen one must not hold everything up. */
const RUNNING_INFO_MS = 3000

interface Seen {
  readonly addresses: Set<string>
  readonly language: string | undefined
  readonly version: number
  /** The broker to ask it through. */
  readonly via: string
}

/** What one broker that answered says of a group. */
export interface GroupAtBroker {
  readonly master: Master
  /** `undefined`: nobody is online there. */
  readonly told: ConsumerConnection | undefined
}

/** What brokers say of a group's members. */
export interface Connections {
  /** Of each broker that answered. */
  readonly byBroker: readonly GroupAtBroker[]
  readonly seen: ReadonlyMap<string, Seen>
  readonly membership: Omit<Membership, 'members'>
}

interface Parts {
  readonly fanOut: FanOut
  readonly wait: InvokeOptions
}

/** Asks every master who is online (203). */
export async function findConnections(
  client: ClientInstance,
  group: string,
  parts: Parts & { readonly masters: readonly Master[] },
): Promise<Connections> {
  const { masters, fanOut, wait } = parts
  const answers = await Promise.all(
    masters.map(async (master) => {
      const asked = { consumerGroup: group }
      const ask = () => client.remoting.invoke(master.address, 'getConsumerConnectionList', asked, wait)
      const answer = await fanOut.ask(master.brokerName, ask)
      return answer && { master, told: answer.outcome === 'OK' ? answer.body : undefined }
    }),
  )
  const byBroker = answers.filter((answer) => answer !== undefined)
  const online = byBroker.flatMap(({ master, told }) => (told === undefined ? [] : [{ master, body: told }]))
  const seen = new Map<string, Seen>()
  for (const { master, body } of online) {
    for (const { clientId, clientAddr, language, version } of body.connectionSet) {
      const known = seen.get(clientId) ?? { addresses: new Set(), language, version, via: master.address }
      known.addresses.add(clientAddr)
      seen.set(clientId, known)
    }
  }
  const membership = {
    messageModel: online[0]?.body.messageModel,
    consumeType: online[0]?.body.consumeType,
    subscribed: new Set(online.flatMap(({ body }) => [...body.subscriptionTable.keys()])),
  }
  return { byBroker, seen, membership }
}

/**
 * Asks each member, through a broker it is connected to, how it stands (307); of one named alone, or with what its
 * threads do.
 */
export async function askMembers(
  client: ClientInstance,
  group: string,
  parts: Parts & {
    readonly connections: Connections
    readonly only?: string | undefined
    /** These are not asked: they count as silent. */
    readonly except?: ReadonlySet<string> | undefined
    readonly stack?: boolean
  },
): Promise<readonly GroupMemberFacts[]> {
  const { connections, fanOut, wait, only, except, stack = false } = parts
  const members = [...connections.seen]
    .filter(([clientId]) => only === undefined || clientId === only)
    .map(([clientId, facts]): Promise<GroupMemberFacts> => {
      if (except?.has(clientId) !== true) return tellOf(client, { group, clientId, facts, fanOut, wait, stack })
      return Promise.resolve({ ...factsOf(clientId, facts), info: undefined, silent: 'unanswered' })
    })
  return Promise.all(members)
}

function factsOf(clientId: string, { addresses, language, version }: Seen): Omit<GroupMemberFacts, 'info' | 'silent'> {
  return { clientId, addresses: [...addresses], language, version }
}

async function tellOf(
  client: ClientInstance,
  asked: {
    readonly group: string
    readonly clientId: string
    readonly facts: Seen
    readonly fanOut: FanOut
    readonly wait: InvokeOptions
    readonly stack: boolean
  },
): Promise<GroupMemberFacts> {
  const { group, clientId, facts, fanOut, wait, stack } = asked
  const known = factsOf(clientId, facts)
  const timeoutMs = Math.min(wait.timeoutMs ?? RUNNING_INFO_MS, RUNNING_INFO_MS)
  const unable = new Set<string>()
  const answer = await fanOut.ask(`member ${clientId}`, async () => {
    try {
      const request = { consumerGroup: group, clientId, jstackEnable: stack }
      return await client.remoting.invoke(facts.via, 'getConsumerRunningInfo', request, { ...wait, timeoutMs })
    } catch (error) {
      if (!isUnsupported(error)) throw error
      unable.add(clientId)
      return undefined
    }
  })
  if (answer !== undefined) return { ...known, info: answer.body, silent: undefined }
  return { ...known, info: undefined, silent: unable.has(clientId) ? 'unable' : 'unanswered' }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof BrokerResponseError && error.responseCode === ResponseCode.REQUEST_CODE_NOT_SUPPORTED
}

/** Who holds each queue, by queue key. */
export function ownersByQueue(members: readonly GroupMemberFacts[]): ReadonlyMap<string, readonly QueueOwner[]> {
  const owners = new Map<string, QueueOwner[]>()
  const add = (queue: MessageQueue, owner: QueueOwner): void => {
    const known = owners.get(queueKey(queue)) ?? []
    known.push(owner)
    owners.set(queueKey(queue), known)
  }
  for (const { clientId, info } of members) {
    for (const [queue, held] of info?.mqTable ?? []) {
      const { droped, commitOffset: position, cachedMsgCount: cached, lastConsumeTimestamp: consumedAt } = held
      if (!droped) add(queue, { clientId, position, cached, consumedAt })
    }
    for (const [queue, { droped, waitAckCount }] of info?.mqPopTable ?? []) {
      if (!droped) add(queue, { clientId, position: undefined, cached: waitAckCount, consumedAt: 0 })
    }
  }
  return owners
}

/** Queues, by key, that a member has given up and not let go of yet: so a reset looks while it is taken up. */
export function droppedQueues(members: readonly GroupMemberFacts[]): ReadonlySet<string> {
  return new Set(
    members.flatMap(({ info }) =>
      (info?.mqTable ?? []).flatMap(([queue, { droped }]) => (droped ? [queueKey(queue)] : [])),
    ),
  )
}
