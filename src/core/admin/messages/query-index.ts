import type { ClientInstance } from '../../client/index.ts'
import { decodeMessages, type MessageExt } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'

/** A broker tells no more at once, whatever it is asked for. */
export const INDEX_LIMIT = 64

/** The latest time there is on the wire (`Long.MAX_VALUE`). */
const END_OF_TIME = 9_223_372_036_854_775_807n

/** What to ask a broker's index. */
export interface IndexQuestion {
  readonly topic: string
  /** A key or a producer's id. */
  readonly key: string
  readonly broker: { readonly brokerName: string; readonly address: string }
  /** Stored until then, in ms since the epoch; the newest if left out. */
  readonly end?: number | undefined
}

/** The newest messages a broker's index tells (12), the oldest of them first. It knows hashes only: others may be among them. */
export async function queryIndex(
  client: ClientInstance,
  { topic, key, broker, end }: IndexQuestion,
  wait: InvokeOptions,
): Promise<readonly MessageExt[]> {
  const endTimestamp = end === undefined ? END_OF_TIME : BigInt(end)
  const request = { topic, key, maxNum: INDEX_LIMIT, beginTimestamp: 0n, endTimestamp }
  const answer = await client.remoting.invoke(broker.address, 'queryMessage', request, wait)
  return answer.outcome === 'OK' ? decodeMessages(answer.body, { brokerName: broker.brokerName }) : []
}
