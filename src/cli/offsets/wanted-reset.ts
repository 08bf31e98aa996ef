import type { Positions } from '../position/position.ts'

/** What a user wants of a group in one topic. */
export interface WantedReset {
  readonly group: string
  readonly topic: string
  readonly positions: Positions
  /** Only these queues (`broker-a:0`). */
  readonly queues?: readonly string[] | undefined
  /** Only queues in which nothing was committed. */
  readonly onlyUncommitted?: boolean
  /** The group is made where it is not known. */
  readonly mayCreateGroup?: boolean
}
