import { RefusedError } from '../../errors.ts'
import { versionName } from '../../protocol/index.ts'
import type { GroupMemberFacts, Membership } from './group-members.ts'

/** How a broker resets offsets, by what it says of itself. */
export interface BrokerScheme {
  readonly brokerName: string
  /** `MQVersion`; `undefined` where it is not known. */
  readonly version: number | undefined
  /** The broker keeps the new offset until the next pull takes it up (`useServerSideResetOffset`). */
  readonly serverSide: boolean
}

/**
 * How new offsets get to a queue. `server-side`: the broker stores it and tells the next pull (222). `client-push`: the
 * broker tells all members where a time lies, and they move (222 → 220). `commit`: it is stored for members that are not
 * there (15).
 */
export type Mechanism = 'server-side' | 'client-push' | 'commit'

/** What a user wants to go to; members can only be told a time, of a whole topic. */
export type TargetKind = 'first' | 'last' | 'time' | 'other'

/** What decides the mechanism. */
export interface MechanismQuestion {
  readonly group: string
  readonly topic: string
  /** Of the brokers whose queues are to move. */
  readonly schemes: readonly BrokerScheme[]
  readonly membership: Membership
  readonly kind: TargetKind
  /** Brokers of which not every queue of the topic is to move. */
  readonly partial: ReadonlySet<string>
}

/**
 * Chooses the mechanism for each broker. Throws RefusedError, with the way out, where members that are online cannot be
 * moved as wanted: a commit of ours would be overwritten by theirs within 5 s.
 */
export function chooseMechanisms(question: MechanismQuestion): ReadonlyMap<string, Mechanism> {
  const { group, schemes, membership } = question
  if (membership.messageModel === 'BROADCASTING') {
    throw new RefusedError(`${group} is broadcasting: its members keep their offsets in files of their own`, {
      suggestions: ['stop the member, remove its offsets (~/.rocketmq_offsets of Java members) and start it again'],
    })
  }
  const live = isLive(membership, question.topic)
  return new Map(
    schemes.map((scheme) => {
      if (scheme.serverSide) return [scheme.brokerName, 'server-side']
      if (!live) return [scheme.brokerName, 'commit']
      requirePushable(question, scheme)
      return [scheme.brokerName, 'client-push']
    }),
  )
}

/**
 * Whether members consume a topic: those that have nothing to do with it store no offsets of it. One that tells nothing
 * may.
 */
export function isLive({ members, subscribed }: Membership, topic: string): boolean {
  if (members.length === 0) return false
  return subscribed.has(topic) || members.some((member) => member.silent !== undefined || concerns(member, topic))
}

function concerns({ info }: GroupMemberFacts, topic: string): boolean {
  const { subscriptionSet = [], mqTable = [] } = info ?? {}
  return subscriptionSet.some((one) => one.topic === topic) || mqTable.some(([queue]) => queue.topic === topic)
}

function requirePushable({ group, kind, partial, membership }: MechanismQuestion, scheme: BrokerScheme): void {
  const version = scheme.version === undefined ? '' : ` (${versionName(scheme.version)})`
  const broker = `broker ${scheme.brokerName}${version}`
  if (kind === 'other' || partial.has(scheme.brokerName)) {
    const what = kind === 'other' ? 'to a time, to first or to last' : 'all queues of the topic'
    throw refusal(`${group} is online, and ${broker} can only move ${what} while members run`, [
      'or go to first, last or a time with all queues: the members then move together',
    ])
  }
  const deaf = membership.members.filter((member) => !obeys(member, membership))
  if (deaf.length === 0) return
  const names = deaf.map(({ clientId, language }) => `${clientId} (${language ?? 'of unknown language'})`).join(', ')
  throw refusal(`${broker} tells members to move, and these may not: ${names}`, [])
}

function refusal(message: string, more: readonly string[]): RefusedError {
  return new RefusedError(`nothing was changed: ${message}`, {
    suggestions: ['stop the members of the group, reset, and start them again', ...more],
  })
}

/** Languages whose clients carry 220 out; those of others that answer 307 are taken to know the rest of it, too. */
const OBEDIENT = ['JAVA', 'GO']
const UNSURE = ['OTHER', 'NODE_JS', 'RUST']

function obeys({ language, info }: GroupMemberFacts, { consumeType }: Membership): boolean {
  const type = info?.properties.get('PROP_CONSUME_TYPE') ?? consumeType
  if (type !== undefined && type !== 'CONSUME_PASSIVELY') return false
  if (language === undefined) return false
  return OBEDIENT.includes(language) || (UNSURE.includes(language) && info !== undefined)
}
