import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Finding, Naming } from '../rebalance/finding.ts'
import type { StrategyKnowledge } from '../rebalance/queue-findings.ts'
import type { Look } from './look.ts'

/** The message a queue does not get past. */
export interface QueueHead {
  readonly queue: MessageQueue
  readonly offset: number
  /** `undefined`: it could not be read. */
  readonly message: MessageExt | undefined
  /** How long it has been stored. */
  readonly ageMs: number | undefined
}

/** A finding of the doctor. */
export interface Diagnosis extends Finding {
  /** Of a queue that is stuck. */
  readonly head?: QueueHead
  /** The member to ask for its stack. */
  readonly member?: string
}

/** What checks are given. */
export interface DoctorQuestion extends StrategyKnowledge {
  /** How the group stands now. */
  readonly look: Look
  /** How it stood a moment ago; without it, whatever may be wrong is told, to be looked at again. */
  readonly before: Look | undefined
  readonly naming: Naming
  /** A head that is worked at for longer is stuck. */
  readonly stuckAfterMs: number
}

/** What a check cannot do without. */
export type Need =
  /** That members tell how they stand. */
  | 'members'
  /** That brokers tell who is connected, and how far the group is. */
  | 'brokers'
  /** That the group keeps its offsets at the brokers. */
  | 'offsets'
  /** That members pull: who pops tells no more than how much it has. */
  | 'pulling'

/** One thing that may be wrong with a group. */
export interface DoctorCheck {
  readonly id: string
  /** What it finds, for people. */
  readonly title: string
  /** What shows it. */
  readonly evidence: string
  readonly needs: readonly Need[]
  readonly find: (question: DoctorQuestion) => readonly Diagnosis[]
}
