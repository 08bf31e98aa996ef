/** What `mq rebalance show --json` tells of it. */
export interface ShownShares {
  readonly clients: readonly { clientId: string; language: string; strategy: string }[]
  readonly queues: readonly { topic: string; broker: string; queue: number; owners: readonly string[] }[]
}

/** What `mq rebalance plan --json` tells of it. */
export interface PlannedShares {
  readonly strategy: string
  readonly clients: readonly { clientId: string; change: string; queuesNow: number; queues: number }[]
  readonly moves: readonly { topic: string; broker: string; queue: number; effect: string; to: readonly string[] }[]
  readonly totals: { queues: number; moved: number; min: number; max: number; idle: string[]; unowned: number }
}

/** Owners by queue. */
export type Shares = ReadonlyMap<string, readonly string[]>

export const queueOf = (one: { topic: string; broker: string; queue: number }): string =>
  `${one.topic} ${one.broker}:${one.queue}`

/** Who holds each queue once a plan has come about. */
export function planned(
  before: Shares,
  { moves }: PlannedShares,
  rename: (clientId: string) => string = (id) => id,
): Shares {
  const after = new Map(before)
  for (const move of moves) {
    if (move.effect === 'gone') after.delete(queueOf(move))
    else after.set(queueOf(move), move.to.map(rename))
  }
  return after
}
