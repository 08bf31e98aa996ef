import { type Channel, channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TelemetryEvent } from './event.ts'

export type TelemetryEventType = TelemetryEvent['type']

/** Every type of event, as docs/telemetry.md has them. */
export const telemetryEventTypes = [
  'rebalance',
  'pull',
  'flow-control',
  'consume',
  'send-back',
  'offset-persist',
  'lock',
  'reset',
  'error',
] as const satisfies readonly TelemetryEventType[]

/** The name of the diagnostics channel that events of a type are published on. */
export function telemetryChannelName(type: TelemetryEventType): `mq:consumer:${TelemetryEventType}` {
  return `mq:consumer:${type}`
}

/**
 * The diagnostics channels of the engine, one for each type of event. Whoever publishes asks `hasSubscribers` first: an
 * event that nobody wants is not made.
 */
export const telemetryChannels = Object.fromEntries(
  telemetryEventTypes.map((type) => [type, channel(telemetryChannelName(type))]),
) as Readonly<Record<TelemetryEventType, Channel>>

/**
 * Calls the listener with every event of these types, of all consumers of the process, until the returned function is
 * called. What it throws is an uncaught exception, as `node:diagnostics_channel` has it.
 */
export function onTelemetry(
  types: readonly TelemetryEventType[],
  listener: (event: TelemetryEvent) => void,
): () => void {
  const listen = (message: unknown): void => {
    if (isEvent(message)) listener(message)
  }
  for (const type of types) subscribe(telemetryChannelName(type), listen)
  return () => {
    for (const type of types) unsubscribe(telemetryChannelName(type), listen)
  }
}

/** Anybody may publish on a channel. */
function isEvent(message: unknown): message is TelemetryEvent {
  return typeof message === 'object' && message !== null && 'type' in message && 'clientId' in message
}
