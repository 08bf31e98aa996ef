/** What is true of every event. */
interface Happening {
  /** Epoch milliseconds. */
  readonly at: number
  readonly group: string
  readonly clientId: string
}

/** What every event about one queue says. `queue` is written BROKER:ID. */
interface OfQueue extends Happening {
  readonly topic: string
  readonly queue: string
}

/**
 * What happens in the engine, as it may be seen from outside. One union for the diagnostics channels, the feed and the
 * event log; docs/telemetry.md says when each comes. Nothing of it is made while nobody listens.
 */
export type TelemetryEvent =
  | (Happening & {
      readonly type: 'rebalance'
      readonly topic: string
      readonly gained: readonly string[]
      readonly lost: readonly string[]
      readonly members: number
    })
  | (OfQueue & {
      readonly type: 'pull'
      readonly offset: number
      readonly outcome: string
      readonly messages: number
      readonly millis: number
    })
  | (OfQueue & { readonly type: 'flow-control'; readonly limit: 'count' | 'bytes' | 'span'; readonly held: boolean })
  | (OfQueue & { readonly type: 'consume'; readonly ok: number; readonly failed: number; readonly millis: number })
  | (OfQueue & {
      readonly type: 'send-back'
      readonly offset: number
      readonly reconsumeTimes: number
      readonly delayLevel: number
    })
  | (Happening & {
      readonly type: 'offset-persist'
      readonly queues: number
      readonly failed: number
      readonly millis: number
    })
  | (OfQueue & { readonly type: 'lock'; readonly held: boolean })
  | (OfQueue & { readonly type: 'reset'; readonly offset: number })
  | (Happening & { readonly type: 'error'; readonly subject: string; readonly code: string; readonly message: string })
