import type { EngineEvent, EventSource, TelemetryEventType } from '../../core/telemetry/index.ts'

/** What is worth a line in the log, and never comes with every message or every answer of a broker. */
export const loggedEvents: readonly TelemetryEventType[] = [
  'rebalance',
  'flow-control',
  'send-back',
  'lock',
  'reset',
  'error',
]

/** Hands what happens in an engine on to whoever follows it; while nobody does, it is gone. */
export class EventRelay implements EventSource {
  #listener: ((event: EngineEvent) => void) | undefined

  readonly tell = (event: EngineEvent): void => {
    this.#listener?.(event)
  }

  follow(listener: (event: EngineEvent) => void): () => void {
    this.#listener = listener
    return () => {
      this.#listener = undefined
    }
  }
}
