import { boolean, integer, mapOf, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'

/** A topic on one broker (`TopicConfig.java`). */
export const topicConfigShape = record({
  attributes: withDefault(mapOf(string), new Map()),
  order: withDefault(boolean, false),
  perm: withDefault(integer, 6),
  readQueueNums: withDefault(integer, 16),
  topicFilterType: withDefault(string, 'SINGLE_TAG'),
  topicName: string,
  topicSysFlag: withDefault(integer, 0),
  writeQueueNums: withDefault(integer, 16),
})

export const dataVersionShape = record({
  counter: withDefault(integer, 0),
  stateVersion: withDefault(integer, 0),
  timestamp: withDefault(integer, 0),
})

/** All topics of a broker (`TopicConfigAndMappingSerializeWrapper.java`; brokers before 5.0 leave the mappings out). */
export const topicConfigTableShape = record({
  dataVersion: maybe(dataVersionShape),
  mappingDataVersion: maybe(dataVersionShape),
  topicConfigTable: withDefault(mapOf(topicConfigShape), new Map()),
  topicQueueMappingDetailMap: withDefault(mapOf(string), new Map()),
  topicQueueMappingInfoMap: withDefault(mapOf(string), new Map()),
})

export type TopicConfig = ShapeOf<typeof topicConfigShape>
export type DataVersion = ShapeOf<typeof dataVersionShape>
