import type { GroupMemberFacts, StrategyKnowledge } from '../../core/admin/index.ts'
import { type AllocateMessageQueueStrategy, shareOf } from '../../core/consumer/index.ts'
import { UsageError } from '../../core/errors.ts'
import { buildStrategy, type NamedStrategy, type StrategyWord } from '../allocation-strategy.ts'
import { declaredStrategy } from './declared-strategy.ts'

/** Those that need nothing but who and what there is. */
const plain: readonly StrategyWord[] = ['average', 'circle', 'consistent-hash']

/**
 * What can be known of members' strategies from outside; `assumed` is that of members that do not tell. Rejects with
 * UsageError for one that cannot be computed here.
 */
export async function strategyKnowledge(group: string, assumed: NamedStrategy | undefined): Promise<StrategyKnowledge> {
  const none = { queues: [], rooms: [] }
  const known = new Map<string, AllocateMessageQueueStrategy>()
  for (const word of plain) known.set(word, await buildStrategy({ word }, none))
  const other = assumed === undefined ? undefined : await assumedStrategy(assumed)
  const strategyOf = (member: GroupMemberFacts): AllocateMessageQueueStrategy | undefined => {
    const name = declaredStrategy(member)
    return name === undefined ? other : known.get(name)
  }
  return {
    nameOf: declaredStrategy,
    shareOf: (member, { queues }, clientIds) => {
      const strategy = strategyOf(member)
      return strategy && shareOf(strategy, { group, clientId: member.clientId, queues, clientIds })
    },
  }
}

/** Builds a strategy that can be computed for any member. Rejects with UsageError for one that knows its own share only. */
export async function assumedStrategy(named: NamedStrategy): Promise<AllocateMessageQueueStrategy> {
  if ('word' in named && !plain.includes(named.word)) {
    throw new UsageError(`--strategy: what ${named.word} gives depends on settings of each member`, {
      suggestions: [`there are ${plain.join(', ')}, and your own, by a file`],
    })
  }
  return buildStrategy(named, { queues: [], rooms: [] })
}
