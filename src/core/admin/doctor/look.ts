import { type MessageExt, type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { DeadLetterGroup } from '../messages/dead-letters.ts'
import type { SourceError } from '../offsets/fan-out.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { GroupSurvey } from '../offsets/group-survey.ts'
import type { GroupAllocation } from '../rebalance/group-allocation.ts'
import type { BrokerRules } from './broker-rules.ts'

/** All that could be found out of a group at one time. */
export interface Look {
  /** When, by the clock of this host, in ms. */
  readonly at: number
  readonly members: readonly GroupMemberFacts[]
  readonly allocation: GroupAllocation
  readonly progress: GroupSurvey
  /** Of each broker that answered. */
  readonly rules: readonly BrokerRules[]
  /** Topics of the group with queues nobody may read, by topic: the brokers. */
  readonly unreadable: ReadonlyMap<string, readonly string[]>
  /** The messages queues stand at, by queue key; those that could be read. */
  readonly heads: ReadonlyMap<string, MessageExt>
  /** `undefined`: it never had any, or nobody told. */
  readonly letters: DeadLetterGroup | undefined
  readonly errors: readonly SourceError[]
}

/** What to look at. */
export interface LookRequest {
  /** As it is called on the wire, as is the topic. */
  readonly group: string
  readonly topic?: string | undefined
}

/** The message a queue stands at, if it was read and is that one. */
export function headMessage({ heads }: Pick<Look, 'heads'>, queue: MessageQueue, offset: number) {
  const message = heads.get(queueKey(queue))
  return message?.queueOffset === offset ? message : undefined
}
