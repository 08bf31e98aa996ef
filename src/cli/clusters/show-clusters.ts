import { type BrokerOverview, clusterOverview } from '../../core/admin/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'

/** A broker as `clusters show` tells it; `null` is what it did not tell. */
export interface BrokerItem {
  readonly cluster: string
  readonly broker: string
  readonly brokerId: number
  readonly role: 'master' | 'replica'
  readonly address: string
  readonly version: string | null
  /** Messages per second of the last 10 s. */
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
  readonly inToday: number | null
  readonly outToday: number | null
  /** 0 to 1. */
  readonly diskUsed: number | null
  readonly earliestMessage: string | null
  readonly bootTime: string | null
}

const columns: readonly Column<BrokerItem>[] = [
  { head: 'CLUSTER', value: ({ cluster }) => cluster },
  { head: 'BROKER', value: ({ broker }) => broker },
  { head: 'ROLE', value: ({ role, brokerId }) => (role === 'master' ? role : `${role} ${brokerId}`) },
  { head: 'ADDRESS', value: ({ address }) => address },
  { head: 'VERSION', value: ({ version }) => version ?? undefined },
  { head: 'IN/S', value: ({ inPerSecond }) => inPerSecond ?? undefined },
  { head: 'OUT/S', value: ({ outPerSecond }) => outPerSecond ?? undefined },
  { head: 'IN-TODAY', value: ({ inToday }) => inToday ?? undefined },
  { head: 'OUT-TODAY', value: ({ outToday }) => outToday ?? undefined, wide: true },
  { head: 'DISK', value: ({ diskUsed }) => (diskUsed === null ? undefined : `${Math.round(diskUsed * 100)}%`) },
  { head: 'EARLIEST', value: ({ earliestMessage }) => earliestMessage ?? undefined, wide: true },
  { head: 'STARTED', value: ({ bootTime }) => bootTime ?? undefined, wide: true },
]

/** Writes the brokers of all clusters a name server knows. Resolves to the exit code: 6 when one did not answer. */
export async function showClusters(
  { format }: { readonly format: ListFormat },
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { brokers, errors } = await clusterOverview(connection.client, invokeOptions(context))
  const list = {
    name: 'brokers',
    items: brokers.map(brokerItem),
    columns,
    errors: errors.map(({ source, error }) => ({ source, message: error.message })),
  }
  await printList(list, format, context)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function brokerItem({ cluster, brokerName, brokerId, address, told }: BrokerOverview): BrokerItem {
  const time = (millis: number | undefined): string | null =>
    millis === undefined ? null : new Date(millis).toISOString()
  const rate = (perSecond: number | undefined): number | null =>
    perSecond === undefined ? null : Math.round(perSecond * 10) / 10
  return {
    cluster,
    broker: brokerName,
    brokerId,
    role: brokerId === 0 ? 'master' : 'replica',
    address,
    version: told?.version ?? null,
    inPerSecond: rate(told?.inPerSecond),
    outPerSecond: rate(told?.outPerSecond),
    inToday: told?.inToday ?? null,
    outToday: told?.outToday ?? null,
    diskUsed: told?.diskUsed ?? null,
    earliestMessage: time(told?.earliestMessage),
    bootTime: time(told?.bootTime),
  }
}
