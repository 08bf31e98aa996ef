/**
 * The engine, for programs: what `mq` itself is built on, and all of it. docs/programming.md shows how it is used;
 * `examples/` has programs that run.
 */
export { type ClientInstance, type ClientSettings, createClient, type TopicRoute } from './core/client/index.ts'
export * from './core/consumer/index.ts'
export * from './core/errors.ts'
export * from './core/producer/index.ts'
export { type Credentials, type MessageExt, type MessageQueue, queueName } from './core/protocol/index.ts'
export type { TlsOptions } from './core/remoting/index.ts'
export type { Logger } from './core/support/index.ts'
export {
  type GroupSnapshot,
  onTelemetry,
  type QueueSnapshot,
  type TelemetryEvent,
  type TelemetryEventType,
  telemetryChannelName,
  telemetryEventTypes,
} from './core/telemetry/index.ts'
