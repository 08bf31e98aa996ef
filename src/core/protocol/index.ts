export { type Credentials, signRequest } from './acl-signature.ts'
export type { ClusterInfo } from './bodies/cluster-info.ts'
export type { ConsumerConnection } from './bodies/connections.ts'
export { type GroupConfig, groupConfigShape } from './bodies/group-config.ts'
export type { ConsumerData, HeartbeatData } from './bodies/heartbeat.ts'
export type { ConsumeDirectlyResult } from './bodies/misc.ts'
export { offsetSerializeWrapperShape } from './bodies/offset-serialize-wrapper.ts'
export {
  type BatchAck,
  type MessageQueueAssignment,
  type MessageRequestMode,
  messageRequestModeShape,
} from './bodies/pop.ts'
export type { ConsumerRunningInfo, ConsumeStatus, ProcessQueueInfo } from './bodies/running-info.ts'
export { type DataVersion, dataVersionShape, type TopicConfig, topicConfigShape } from './bodies/topic-config.ts'
export type { TopicRouteData } from './bodies/topic-route.ts'
export * from './codes.ts'
export type { HeaderOf, HeaderSchema } from './fields.ts'
export { encodeFrame, MAX_FRAME_BYTES, MAX_HEADER_BYTES } from './frame.ts'
export { FrameDecoder } from './frame-decoder.ts'
export { type ExtFields, readHeader, writeHeader } from './header-codec.ts'
export * from './message/index.ts'
export * from './names.ts'
export { unwrapNamespace, wrapNamespace } from './namespace.ts'
export type { Body, Operation, Peer, RequestOf, ResponseOf } from './operation.ts'
export { type OperationName, type Operations, type OperationsOf, operations } from './operations/index.ts'
export { ackBits, ackPositions, formatPopHandle, type PopHandle, parsePopHandle } from './pop-handle.ts'
export { formatPopOffsets, PopOffsets, popRealTopic, popRetryMark, popRetryTopic } from './pop-offsets.ts'
export {
  command,
  isOneway,
  isResponse,
  noBody,
  noExtFields,
  type RemotingCommand,
  type Serialization,
} from './remoting-command.ts'
export { integer, json, mapOf, record, type Shape, type ShapeOf, string } from './shape.ts'
export { type SqlFilter, sqlFilter } from './sql/sql-filter.ts'
export { mqVersion, versionName } from './version.ts'
