import type {
  ConsumeDirectlyResult,
  ConsumerData,
  ConsumerRunningInfo,
  MessageExt,
  MessageQueue,
} from '../protocol/index.ts'

/** Offsets by queue, as bodies carry them. */
export type OffsetEntries = readonly (readonly [MessageQueue, number])[]

/** A consumer as the client instance sees it: what it says in heartbeats and answers to brokers. */
export interface GroupMember {
  readonly group: string
  /** What the next heartbeat says of it. */
  heartbeat(): ConsumerData
  /** The members of the group, or a connection, changed: rebalance soon. */
  membersChanged(): void
  /** A connection to this broker was made anew: it may not know yet who else is there. */
  reconnected?(address: string): void
  /** Continue at these offsets (220). */
  resetOffsets(topic: string, offsets: OffsetEntries): void
  /** Offsets held in memory (221). */
  offsets(topic: string): OffsetEntries
  /** 307; `stack` asks for what the process is doing right now. */
  runningInfo(options: { readonly stack: boolean }): Promise<ConsumerRunningInfo>
  /** Hands one message to the listener, outside of all queues (309). */
  consumeDirectly(message: MessageExt): Promise<ConsumeDirectlyResult>
}
