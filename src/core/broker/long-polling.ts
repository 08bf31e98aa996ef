import type { Channel } from '../remoting/index.ts'
import type { Clock, Timer } from '../support/index.ts'

/** A pull that found nothing new and may wait. */
export interface WaitingPull {
  readonly channel: Channel
  readonly group: string
  readonly topic: string
  readonly queueId: number
  /** The offset it waits for. */
  readonly offset: number
  readonly timeoutMs: number
  /** Whether a message with this tags hash is wanted; absent for all. */
  readonly wanted?: ((tagsCode: number) => boolean) | undefined
}

interface Held {
  readonly pull: WaitingPull
  readonly untilMs: number
  timer: Timer
  /** Whether it will be looked at before its time. */
  hastened: boolean
  readonly finish: () => void
}

/** How soon a pull is looked at again after messages arrived that it does not want, so that its group's offset moves on. */
const UNWANTED_MS = 1000

/** Holds pulls until something arrives for them (`PullRequestHoldService.java`), each with a timer of its own. */
export class LongPolling {
  readonly #clock: Clock
  readonly #queues = new Map<string, Set<Held>>()
  readonly #channels = new Map<Channel, Set<Held>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves as soon as it is worth looking again: an arrival, a reset, the time is over, or nobody waits any more. */
  wait(pull: WaitingPull): Promise<void> {
    return new Promise((resolve) => {
      const key = keyOf(pull.topic, pull.queueId)
      const held: Held = {
        pull,
        untilMs: this.#clock.monotonic() + pull.timeoutMs,
        timer: this.#clock.after(pull.timeoutMs, () => {
          held.finish()
        }),
        hastened: false,
        finish: () => {
          held.timer.cancel()
          remove(this.#queues, key, held)
          remove(this.#channels, pull.channel, held)
          resolve()
        },
      }
      add(this.#queues, key, held)
      add(this.#channels, pull.channel, held)
    })
  }

  /** A message can be seen. */
  arrived(topic: string, queueId: number, queueOffset: number, tagsCode: number): void {
    for (const held of [...(this.#queues.get(keyOf(topic, queueId)) ?? [])]) {
      if (held.pull.offset > queueOffset) continue
      if (held.pull.wanted === undefined || held.pull.wanted(tagsCode)) held.finish()
      else this.#hasten(held)
    }
  }

  /** A group's offset was changed by somebody else, or its queue is gone. */
  wake(topic: string, queueId: number, group?: string): void {
    for (const held of [...(this.#queues.get(keyOf(topic, queueId)) ?? [])]) {
      if (group === undefined || held.pull.group === group) held.finish()
    }
  }

  /** Lets go of everything a closed connection waited for. */
  dropChannel(channel: Channel): void {
    for (const held of [...(this.#channels.get(channel) ?? [])]) held.finish()
  }

  /** Lets go of everything. */
  close(): void {
    for (const channel of [...this.#channels.keys()]) this.dropChannel(channel)
  }

  #hasten(held: Held): void {
    if (held.hastened || held.untilMs - this.#clock.monotonic() <= UNWANTED_MS) return
    held.hastened = true
    held.timer.cancel()
    held.timer = this.#clock.after(UNWANTED_MS, held.finish)
  }
}

function keyOf(topic: string, queueId: number): string {
  return `${topic}@${queueId}`
}

function add<K>(sets: Map<K, Set<Held>>, key: K, held: Held): void {
  const set = sets.get(key)
  if (set) set.add(held)
  else sets.set(key, new Set([held]))
}

function remove<K>(sets: Map<K, Set<Held>>, key: K, held: Held): void {
  const set = sets.get(key)
  set?.delete(held)
  if (set?.size === 0) sets.delete(key)
}
