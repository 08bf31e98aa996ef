import type { ClientInstance } from '../../client/index.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { FanOut } from './fan-out.ts'

/** A queue in a broker's word about a group; -1 and 0 are the same in it. */
export interface ToldQueue {
  readonly queue: MessageQueue
  readonly max: number
  readonly committed: number
  /** Where the next pull begins; 0 from brokers before 5.1. */
  readonly pulled: number
}

/** What each broker that answered says of a group, by broker and queue key. */
export type ConsumeStatsByBroker = ReadonlyMap<string, ReadonlyMap<string, ToldQueue>>

/** Asks every master for a group's progress (208). */
export async function consumeStats(
  client: ClientInstance,
  asked: { readonly group: string; readonly topic: string | undefined },
  parts: { readonly masters: readonly Master[]; readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<ConsumeStatsByBroker> {
  const { masters, fanOut, wait } = parts
  const told = new Map<string, ReadonlyMap<string, ToldQueue>>()
  const answers = masters.map(async ({ brokerName, address }) => {
    const request = { consumerGroup: asked.group, topic: asked.topic }
    const answer = await fanOut.ask(brokerName, () => client.remoting.invoke(address, 'getConsumeStats', request, wait))
    if (answer === undefined) return
    const queues = answer.body.offsetTable.map(([queue, { brokerOffset, consumerOffset, pullOffset }]) => {
      return [queueKey(queue), { queue, max: brokerOffset, committed: consumerOffset, pulled: pullOffset }] as const
    })
    told.set(brokerName, new Map(queues))
  })
  await Promise.all(answers)
  return told
}
