export type {
  EngineEvent,
  EventSource,
  Examined,
  FindingsNews,
  FindingsSource,
  ShownFinding,
} from './beside-pictures.ts'
export { type Change, changesBetween, queueId } from './changes.ts'
export {
  onTelemetry,
  type TelemetryEventType,
  telemetryChannelName,
  telemetryChannels,
  telemetryEventTypes,
} from './channels.ts'
export type { TelemetryEvent } from './event.ts'
export { type LogEntry, logChanges, logEvent } from './log.ts'
export type { PlannedRow, PlanReset, ResetPlan, ResetRequest, ResetScope, TopicPlan } from './planned-reset.ts'
export { type QueueFacts, queuePressure, queueState } from './queue-state.ts'
export { RollingLatency } from './rolling-latency.ts'
export { shownQueues } from './shown-queues.ts'
export type {
  ClientSnapshot,
  Counts,
  FlowLimits,
  GroupSnapshot,
  GroupTotals,
  Latency,
  Pressure,
  QueueSnapshot,
  QueueState,
  Rates,
  Snapshot,
  SnapshotError,
} from './snapshot.ts'
export { isFaulty, stateSentence } from './state-sentence.ts'
