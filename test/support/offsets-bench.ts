import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResetMode } from '../../src/core/broker/index.ts'
import { ConsumeBench, QUEUES } from './consume-bench.ts'
import { type MqResult, mq, temporaryFolder } from './mq.ts'

/** A queue as `offsets show --json` has it. */
export interface ShownQueue {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly min: number | null
  readonly max: number | null
  readonly committed: number | null
  readonly lag: number | null
  readonly inflight: number | null
  readonly owner: string | null
  readonly position: number | null
  readonly oldestUnread: string | null
  readonly expiresInMs: number | null
  readonly drainsInMs: number | null
  readonly state: string
}

/** What `offsets show --json` writes. */
export interface Shown {
  readonly group: string
  readonly online: boolean
  readonly queues: readonly ShownQueue[]
  readonly totals: { readonly lag: number; readonly unknown: number; readonly retryLag: number; readonly dlq: number }
  readonly partial: boolean
}

/** A broker for offsets commands under test, with groups that have committed something. */
export class OffsetsBench {
  readonly consume: ConsumeBench
  readonly #state = temporaryFolder()
  readonly #members = new Set<ChildProcess>()

  private constructor(consume: ConsumeBench) {
    this.consume = consume
  }

  static async start(options: { readonly resetMode?: ResetMode } = {}): Promise<OffsetsBench> {
    return new OffsetsBench(await ConsumeBench.start(options))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => this.leave(member)))
    await this.consume.close()
    this.#state.remove()
  }

  /** Runs `mq offsets …` against the broker. */
  run(...args: string[]): Promise<MqResult> {
    const at = ['-n', this.consume.broker.address]
    return mq(['offsets', ...args, ...at], { env: { MQ_STATE_DIR: this.#state.path } })
  }

  async show(group: string, ...args: string[]): Promise<Shown> {
    const { stdout, stderr, code } = await this.run('show', '-g', group, '--json', ...args)
    if (code !== 0) throw new Error(`offsets show ended with ${code}: ${stderr}`)
    return JSON.parse(stdout) as Shown
  }

  async committed(group: string, topic: string): Promise<(number | null)[]> {
    return (await this.show(group, topic)).queues.map(({ committed }) => committed)
  }

  /** Makes a group and commits these offsets in the first queues of a topic; `undefined` leaves one alone. */
  async commit(group: string, topic: string, offsets: readonly (number | undefined)[]): Promise<void> {
    const { client, broker } = this.consume
    await client.remoting.invoke(broker.address, 'getSubscriptionGroupConfig', { group })
    for (const [queueId, commitOffset] of offsets.entries()) {
      if (commitOffset === undefined) continue
      const request = { consumerGroup: group, topic, queueId, commitOffset }
      await client.remoting.invoke(broker.address, 'updateConsumerOffset', request)
    }
  }

  /** Starts a member of a group in a process of its own and waits until it owns all queues. */
  async join(group: string, topic: string, ...flags: string[]): Promise<ChildProcess> {
    const args = this.consume.consume(topic, '-g', group, '-o', 'none', ...flags)
    const member = this.consume.spawn(args, 'pipe')
    member.stdout?.resume()
    member.stderr?.resume()
    this.#members.add(member)
    for (;;) {
      // Before its first member is there, there is no such group.
      const { stdout } = await this.run('show', '-g', group, '--json', topic)
      const { queues = [] } = JSON.parse(stdout || '{}') as Partial<Shown>
      if (queues.length === QUEUES && queues.every(({ owner }) => owner !== null)) return member
      await sleep(100)
    }
  }

  /** Ends a member, also one that is frozen. */
  async leave(member: ChildProcess): Promise<void> {
    if (!this.#members.delete(member)) return
    const ended = once(member, 'close')
    member.kill('SIGCONT')
    member.kill('SIGTERM')
    await ended
  }
}
