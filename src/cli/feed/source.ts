import type { EngineEvent, Snapshot, TelemetryEvent } from '../../core/telemetry/index.ts'

/** What a source of snapshots tells, in the order in which it happens. */
export type SourceItem =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'event'; readonly event: TelemetryEvent }
  /** So many events were left out, because there were too many. */
  | { readonly type: 'dropped'; readonly events: number }
  /** The last snapshot grows old from now on; it is tried again. */
  | { readonly type: 'lost'; readonly at: number; readonly reason: string }
  /** It is there again. */
  | { readonly type: 'found' }

/** Only the snapshots; what happens is `heard`. While the source is lost the last one comes again, with its age, and says so in `errors`. */
export async function* snapshotsOf(
  items: AsyncIterable<SourceItem>,
  heard: (event: EngineEvent) => void = () => undefined,
): AsyncGenerator<Snapshot> {
  let last: Snapshot | undefined
  for await (const item of items) {
    if (item.type === 'snapshot') {
      last = item.snapshot
      yield last
    } else if (item.type === 'event') heard(item.event)
    else if (item.type === 'dropped') heard(item)
    else if (item.type === 'lost' && last !== undefined) {
      yield { ...last, partial: true, errors: [...last.errors, { subject: 'the feed', message: item.reason }] }
    }
  }
}

/** Events that wait for whoever takes them; more are counted. */
const MAX_EVENTS = 1000

/**
 * What has been told and not been taken yet. Of snapshots only the latest is kept, of events a bounded number: whoever
 * tells never waits.
 */
export class Mailbox {
  #snapshot: Snapshot | undefined
  #items: SourceItem[] = []
  #dropped = 0
  #ended = false
  #failure: Error | undefined
  #wake: () => void = () => undefined

  put(item: SourceItem): void {
    if (item.type === 'snapshot') this.#snapshot = item.snapshot
    else if (item.type === 'dropped') this.#dropped += item.events
    else if (item.type === 'event' && this.#items.length >= MAX_EVENTS) this.#dropped += 1
    else this.#items.push(item)
    this.#wake()
  }

  /** Nothing more comes; with an error, it ends by that. */
  end(failure?: Error): void {
    this.#ended = true
    this.#failure = failure
    this.#wake()
  }

  /** Gives out what comes, until the end: first what happened, then how things stand. */
  async *taken(): AsyncGenerator<SourceItem> {
    for (;;) {
      yield* this.#take()
      if (this.#isEmpty()) {
        if (this.#failure !== undefined) throw this.#failure
        if (this.#ended) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  *#take(): Generator<SourceItem> {
    const items = this.#items
    const [dropped, snapshot] = [this.#dropped, this.#snapshot]
    this.#items = []
    this.#dropped = 0
    this.#snapshot = undefined
    yield* items
    if (dropped > 0) yield { type: 'dropped', events: dropped }
    if (snapshot !== undefined) yield { type: 'snapshot', snapshot }
  }

  #isEmpty(): boolean {
    return this.#items.length === 0 && this.#snapshot === undefined && this.#dropped === 0
  }
}
