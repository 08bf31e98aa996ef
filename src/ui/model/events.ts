import type { TelemetryEvent } from '../../core/telemetry/index.ts'

/** What comes of a consumer beside pictures of it: what happens in its engine, or how much of that was left out. */
export type EngineEvent = TelemetryEvent | { readonly type: 'dropped'; readonly events: number }

/** Who tells what happens in a consumer. */
export interface EventSource {
  /** Tells it until the returned function is called. */
  follow(listener: (event: EngineEvent) => void): () => void
}
