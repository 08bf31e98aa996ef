export * from './codes.ts'
export type { HeaderOf, HeaderSchema } from './fields.ts'
export { decodeCommand, encodeFrame, MAX_FRAME_BYTES } from './frame.ts'
export { FrameDecoder } from './frame-decoder.ts'
export { type ExtFields, readHeader, writeHeader } from './header-codec.ts'
export * from './message/index.ts'
export * from './names.ts'
export type { Body, Operation, Peer, RequestOf, ResponseOf } from './operation.ts'
export { type OperationName, type Operations, type OperationsOf, operations } from './operations/index.ts'
export {
  command,
  isOneway,
  isResponse,
  noBody,
  noExtFields,
  type RemotingCommand,
  type Serialization,
} from './remoting-command.ts'
export type { ShapeOf } from './shape.ts'
