import type { Channel } from '../remoting/index.ts'
import type { Clock, Timer } from '../support/index.ts'

/** A queue and the offset in it that somebody waits for. */
export interface AwaitedQueue {
  readonly topic: string
  readonly queueId: number
  readonly offset: number
}

/** A pull, or a pop of several queues, that found nothing new and may wait. */
export interface WaitingPull {
  readonly channel: Channel
  readonly group: string
  readonly queues: readonly AwaitedQueue[]
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
  readonly finish: (worthLooking: boolean) => void
}

/** One queue that a held pull waits for. */
interface Place {
  readonly held: Held
  readonly offset: number
}

/** How soon a pull is looked at again after messages arrived that it does not want, so that its group's offset moves on. */
const UNWANTED_MS = 1000

/** Holds pulls until something arrives for them (`PullRequestHoldService.java`), each with a timer of its own. */
export class LongPolling {
  readonly #clock: Clock
  readonly #queues = new Map<string, Set<Place>>()
  readonly #channels = new Map<Channel, Set<Held>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves as soon as it is worth looking again: to true after an arrival or a reset, to false when the time is over or
   * nobody waits any more.
   */
  wait(pull: WaitingPull): Promise<boolean> {
    return new Promise((resolve) => {
      const held: Held = {
        pull,
        untilMs: this.#clock.monotonic() + pull.timeoutMs,
        timer: this.#clock.after(pull.timeoutMs, () => {
          held.finish(false)
        }),
        hastened: false,
        finish: (worthLooking) => {
          held.timer.cancel()
          for (const { key, place } of places) remove(this.#queues, key, place)
          remove(this.#channels, pull.channel, held)
          resolve(worthLooking)
        },
      }
      const places = pull.queues.map(({ topic, queueId, offset }) => ({
        key: keyOf(topic, queueId),
        place: { held, offset },
      }))
      for (const { key, place } of places) add(this.#queues, key, place)
      add(this.#channels, pull.channel, held)
    })
  }

  /** A message can be seen. */
  arrived(topic: string, queueId: number, queueOffset: number, tagsCode: number): void {
    for (const { held, offset } of [...(this.#queues.get(keyOf(topic, queueId)) ?? [])]) {
      if (offset > queueOffset) continue
      if (held.pull.wanted === undefined || held.pull.wanted(tagsCode)) held.finish(true)
      else this.#hasten(held)
    }
  }

  /** A group's offset was changed by somebody else, or its queue is gone. */
  wake(topic: string, queueId: number, group?: string): void {
    for (const { held } of [...(this.#queues.get(keyOf(topic, queueId)) ?? [])]) {
      if (group === undefined || held.pull.group === group) held.finish(true)
    }
  }

  /** Lets go of everything a closed connection waited for. */
  dropChannel(channel: Channel): void {
    for (const held of [...(this.#channels.get(channel) ?? [])]) held.finish(false)
  }

  /** Lets go of everything. */
  close(): void {
    for (const channel of [...this.#channels.keys()]) this.dropChannel(channel)
  }

  #hasten(held: Held): void {
    if (held.hastened || held.untilMs - this.#clock.monotonic() <= UNWANTED_MS) return
    held.hastened = true
    held.timer.cancel()
    held.timer = this.#clock.after(UNWANTED_MS, () => {
      held.finish(true)
    })
  }
}

function keyOf(topic: string, queueId: number): string {
  return `${topic}@${queueId}`
}

function add<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function remove<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  set?.delete(value)
  if (set?.size === 0) sets.delete(key)
}
