import { list, mapOf, record, type ShapeOf, string, withDefault } from '../shape.ts'
import { brokerDataShape } from './topic-route.ts'

/** All brokers a name server knows, by cluster (`ClusterInfo.java`). */
export const clusterInfoShape = record({
  brokerAddrTable: withDefault(mapOf(brokerDataShape), new Map()),
  clusterAddrTable: withDefault(mapOf(list(string)), new Map()),
})

export type ClusterInfo = ShapeOf<typeof clusterInfoShape>
