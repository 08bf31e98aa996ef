import type { ClientInstance } from '../../client/index.ts'
import { compareText } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { clusterInfo } from '../cluster-info.ts'
import { FanOut, type SourceError } from '../offsets/fan-out.ts'

/** A broker as the name server knows it, and as it tells of itself. */
export interface BrokerOverview {
  readonly cluster: string
  readonly brokerName: string
  /** 0: the master. */
  readonly brokerId: number
  readonly address: string
  /** `undefined`: it did not answer. */
  readonly told: BrokerFigures | undefined
}

/** Figures of a broker (`AdminBrokerProcessor#prepareRuntimeInfo`); `undefined` where its version does not tell. */
export interface BrokerFigures {
  /** As it writes it: `5.5.0`. */
  readonly version: string | undefined
  /** Messages per second of the last 10 s. */
  readonly inPerSecond: number | undefined
  readonly outPerSecond: number | undefined
  /** Messages since midnight, by its clock. */
  readonly inToday: number | undefined
  readonly outToday: number | undefined
  /** How full the disk of its commit log is, 0 to 1. */
  readonly diskUsed: number | undefined
  /** When its oldest message was stored, in ms since the epoch. */
  readonly earliestMessage: number | undefined
  /** When it was started, in ms since the epoch. */
  readonly bootTime: number | undefined
}

/** All brokers, sorted by cluster, name and id, and who did not answer. */
export interface ClusterOverview {
  readonly brokers: readonly BrokerOverview[]
  readonly errors: readonly SourceError[]
}

/** Asks a name server for all brokers, and each, replicas too, how it stands (106, 28). Rejects when no name server answers. */
export async function clusterOverview(client: ClientInstance, wait: InvokeOptions): Promise<ClusterOverview> {
  const { clusterAddrTable, brokerAddrTable } = await clusterInfo(client, wait)
  const known = [...clusterAddrTable].flatMap(([cluster, names]) =>
    [...names].flatMap((brokerName) =>
      [...(brokerAddrTable.get(brokerName)?.brokerAddrs ?? [])].map(([brokerId, address]) => ({
        cluster,
        brokerName,
        brokerId,
        address,
      })),
    ),
  )
  const fanOut = new FanOut()
  const brokers = await Promise.all(
    known.map(async (broker) => {
      const source = broker.brokerId === 0 ? broker.brokerName : `${broker.brokerName} (replica ${broker.brokerId})`
      const answer = await fanOut.ask(source, () =>
        client.remoting.invoke(broker.address, 'getBrokerRuntimeInfo', {}, wait),
      )
      return { ...broker, told: answer && figuresOf(answer.body.table) }
    }),
  )
  brokers.sort(
    (a, b) => compareText(a.cluster, b.cluster) || compareText(a.brokerName, b.brokerName) || a.brokerId - b.brokerId,
  )
  return { brokers, errors: fanOut.errors }
}

function figuresOf(table: ReadonlyMap<string, string>): BrokerFigures {
  const number = (name: string): number | undefined => {
    const text = table.get(name)?.trim().split(/\s+/)[0]
    const value = text === undefined || text === '' ? Number.NaN : Number(text)
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const since = (now: string, morning: string): number | undefined => {
    const [end, begin] = [number(now), number(morning)]
    return end === undefined || begin === undefined ? undefined : Math.max(0, end - begin)
  }
  return {
    version: table.get('brokerVersionDesc')?.replace(/^V/, '').replaceAll('_', '.'),
    inPerSecond: number('putTps'),
    // 4.9 spells it with one r.
    outPerSecond: number('getTransferredTps') ?? number('getTransferedTps'),
    inToday: since('msgPutTotalTodayNow', 'msgPutTotalTodayMorning'),
    outToday: since('msgGetTotalTodayNow', 'msgGetTotalTodayMorning'),
    diskUsed: number('commitLogDiskRatio'),
    earliestMessage: number('earliestMessageTimeStamp'),
    bootTime: number('bootTimestamp'),
  }
}
