import { ConnectionError } from '../../errors.ts'
import {
  decodeMessages,
  type MessageExt,
  type MessageQueue,
  mqVersion,
  type Operations,
  PullSysFlag,
  queueKey,
  type RequestOf,
  type ResponseOf,
  type SubscriptionData,
} from '../../protocol/index.ts'
import type { Receiver, RemotingClient } from '../../remoting/index.ts'
import type { MessageSieve } from '../hook/filter-hooks.ts'
import { checkFilterVersion } from './filter-version.ts'
import { filterByTags } from './tag-filter.ts'

/** What one pull brought. */
export interface PullResult {
  readonly status: 'FOUND' | 'NO_NEW' | 'NO_MATCHED' | 'OFFSET_MOVED'
  readonly nextBeginOffset: number
  readonly minOffset: number
  readonly maxOffset: number
  /** In offset order; those the tag filter or a hook refused are left out. */
  readonly messages: readonly MessageExt[]
}

/** One pull. */
export interface Pull {
  readonly queue: MessageQueue
  readonly offset: number
  readonly maxMessages: number
  readonly subscription: SubscriptionData
  /** How long the broker may hold the request when there is nothing, in ms; 0: it answers at once. */
  readonly suspendMs: number
  /** Stored by the broker before it answers. */
  readonly commitOffset?: number | undefined
  /** The group is not registered: send the subscription along. */
  readonly inline?: boolean
  readonly signal?: AbortSignal | undefined
}

/** From this version on a broker serves lite pulls apart from others; before, it refuses them. */
const LITE_PULL_VERSION = mqVersion('5.0.0') ?? 0

interface Replica {
  readonly address: string
  readonly brokerId: number
}

type PullAnswer = ResponseOf<Operations['pullMessage']>

interface Options {
  readonly group: string
  readonly remoting: Pick<RemotingClient, 'ask' | 'versionOf'>
  /** A replica's address, found anew if need be. */
  readonly replicaOf: (queue: MessageQueue, brokerId: number) => Replica | undefined | Promise<Replica | undefined>
  /** What is left of the messages after the hooks; absent when there is none. */
  readonly sieve?: MessageSieve | undefined
  /** For a consumer that polls (`DefaultLitePullConsumer`). @default false */
  readonly lite?: boolean
}

/** A held pull is answered up to 5 s after its deadline (`PullRequestHoldService` looks every 5 s). */
const HOLD_SLACK_MS = 15_000

/** Pulls messages from the replica the broker suggested last (`PullAPIWrapper.java`). */
export class PullMessage {
  readonly #options: Options
  readonly #suggested = new Map<string, number>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Rejects with the errors of `RemotingClient.invoke`, and with ProtocolError when a message is damaged. */
  pull(request: Pull): Promise<PullResult> {
    return new Promise((resolve, reject) => {
      this.ask(request, { answered: resolve, failed: reject })
    })
  }

  /** The same without a promise: a consumer of many idle queues has a pull for each that waits long for its answer. */
  ask(request: Pull, receiver: Receiver<PullResult>): void {
    const found = this.#options.replicaOf(request.queue, this.#suggested.get(queueKey(request.queue)) ?? 0)
    if (found instanceof Promise) void this.#askWhenFound(request, found, receiver)
    else this.#askReplica(request, found, receiver)
  }

  async #askWhenFound(request: Pull, found: Promise<Replica | undefined>, receiver: Receiver<PullResult>) {
    let replica: Replica | undefined
    try {
      replica = await found
    } catch (error) {
      receiver.failed(error as Error)
      return
    }
    this.#askReplica(request, replica, receiver)
  }

  #askReplica(request: Pull, replica: Replica | undefined, receiver: Receiver<PullResult>): void {
    const { queue, subscription } = request
    const { remoting } = this.#options
    try {
      if (replica === undefined) {
        throw new ConnectionError(queue.brokerName, `no address of broker ${queue.brokerName} is known`)
      }
      const { address } = replica
      if (subscription.expressionType !== 'TAG') checkFilterVersion(address, remoting)
      const name = this.#isLite(address) ? 'litePullMessage' : 'pullMessage'
      const options = { timeoutMs: request.suspendMs + HOLD_SLACK_MS, signal: request.signal }
      const receive = this.#receiver(queue, subscription, receiver)
      remoting.ask({ address, name, options }, this.#header(request, replica), receive)
    } catch (error) {
      receiver.failed(error as Error)
    }
  }

  /** Of the request it keeps only what reading the answer needs. */
  #receiver(queue: MessageQueue, subscription: SubscriptionData, receiver: Receiver<PullResult>): Receiver<PullAnswer> {
    return {
      answered: (answer) => {
        let result: PullResult
        try {
          result = this.#read(answer, queue, subscription)
        } catch (error) {
          receiver.failed(error as Error)
          return
        }
        receiver.answered(result)
      },
      failed: receiver.failed,
    }
  }

  #header(request: Pull, { brokerId }: Replica): RequestOf<Operations['pullMessage']> {
    const { queue, subscription } = request
    // A slave stores no offsets (PullAPIWrapper#pullKernelImpl).
    const commitOffset = brokerId === 0 ? request.commitOffset : undefined
    return {
      consumerGroup: this.#options.group,
      topic: queue.topic,
      queueId: queue.queueId,
      queueOffset: request.offset,
      maxMsgNums: request.maxMessages,
      sysFlag: sysFlag(request, commitOffset),
      commitOffset: commitOffset ?? 0,
      suspendTimeoutMillis: request.suspendMs,
      subVersion: subscription.subVersion,
      expressionType: subscription.expressionType,
      bname: queue.brokerName,
      ...(request.inline ? { subscription: subscription.subString } : {}),
    }
  }

  #read(answer: PullAnswer, queue: MessageQueue, subscription: SubscriptionData): PullResult {
    this.#suggest(queue, answer.suggestWhichBrokerId)
    const messages = answer.outcome === 'FOUND' ? decodeMessages(answer.body, origin(queue, answer.offsetDelta)) : []
    const wanted = filterByTags(messages, subscription)
    return {
      status: answer.outcome,
      nextBeginOffset: answer.nextBeginOffset,
      minOffset: answer.minOffset,
      maxOffset: answer.maxOffset,
      messages: this.#options.sieve?.(wanted, queue) ?? wanted,
    }
  }

  /** The master is what is asked anyway. */
  #suggest(queue: MessageQueue, brokerId: number): void {
    if (brokerId !== 0) this.#suggested.set(queueKey(queue), brokerId)
    else if (this.#suggested.size > 0) this.#suggested.delete(queueKey(queue))
  }

  #isLite(address: string): boolean {
    return (this.#options.lite ?? false) && (this.#options.remoting.versionOf(address) ?? 0) >= LITE_PULL_VERSION
  }

  /** Forgets which replica was suggested. */
  forget(queue: MessageQueue): void {
    this.#suggested.delete(queueKey(queue))
  }
}

function sysFlag(request: Pull, commitOffset: number | undefined): number {
  return (
    (request.suspendMs > 0 ? PullSysFlag.SUSPEND : 0) |
    (commitOffset === undefined ? 0 : PullSysFlag.COMMIT_OFFSET) |
    (request.inline ? PullSysFlag.SUBSCRIPTION : 0)
  )
}

function origin(queue: MessageQueue, offsetDelta: number | undefined): { brokerName: string; offsetDelta: number } {
  return { brokerName: queue.brokerName, offsetDelta: offsetDelta ?? 0 }
}
