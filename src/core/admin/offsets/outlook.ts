import type { ClientInstance } from '../../client/index.ts'
import { RocketMQError } from '../../errors.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'

const HOUR_MS = 3_600_000

/**
 * How long a broker keeps messages, in ms (26, `fileReservedTime`); `undefined` when it does not say. It removes whole
 * files, so some stay longer; with a full disk they go sooner.
 */
export async function retentionOf(
  client: ClientInstance,
  { address }: Master,
  wait: InvokeOptions,
): Promise<number | undefined> {
  const body = await unlessRefused(
    async () => (await client.remoting.invoke(address, 'getBrokerConfig', {}, wait)).body,
  )
  const hours = Number(/^fileReservedTime=(\d{1,9})\s*$/m.exec(body ?? '')?.[1] ?? Number.NaN)
  return Number.isNaN(hours) ? undefined : hours * HOUR_MS
}

/**
 * By how many messages a second the backlog of a group in a topic shrinks on a broker: what it pulled less what was sent, of
 * the last minute (315). `undefined` when the broker has counted neither.
 */
export async function netRateOf(
  client: ClientInstance,
  { group, topic, master }: { readonly group: string; readonly topic: string; readonly master: Master },
  wait: InvokeOptions,
): Promise<number | undefined> {
  const rate = (statsName: string, statsKey: string): Promise<number | undefined> =>
    unlessRefused(async () => {
      const request = { statsName, statsKey }
      const { body } = await client.remoting.invoke(master.address, 'viewBrokerStatsData', request, wait)
      return body.statsMinute?.tps
    })
  const [got, put] = await Promise.all([rate('GROUP_GET_NUMS', `${topic}@${group}`), rate('TOPIC_PUT_NUMS', topic)])
  return got === undefined && put === undefined ? undefined : (got ?? 0) - (put ?? 0)
}

/** An outlook is not worth an error: who does not answer is named for what matters more. */
async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RocketMQError) return undefined
    throw error
  }
}

/** How long a backlog lasts at a rate, in ms: infinite for one that does not shrink. */
export function drainMs(lag: number, netRate: number | undefined): number | undefined {
  if (netRate === undefined) return undefined
  return netRate > 0 ? Math.ceil((lag / netRate) * 1000) : Number.POSITIVE_INFINITY
}
