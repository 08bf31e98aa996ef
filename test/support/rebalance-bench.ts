import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientInstance } from '../../src/core/client/index.ts'
import type { MessageQueue } from '../../src/core/protocol/index.ts'
import { ConsumeBench, QUEUES } from './consume-bench.ts'
import { type MqResult, mq } from './mq.ts'
import { type PlantedMember, plant } from './planted-members.ts'

/** What `rebalance show --json` writes. */
export interface ShownAllocation {
  readonly group: string
  readonly clients: readonly {
    readonly clientId: string
    readonly strategy: string | null
    readonly queues: number | null
  }[]
  readonly queues: readonly {
    readonly topic: string
    readonly broker: string
    readonly queue: number
    readonly owners: readonly string[]
    readonly locked: boolean | null
  }[]
  readonly skew: { readonly idle: readonly string[]; readonly unowned: number }
  readonly partial: boolean
}

/** A broker with one topic, members of ours on it, and members that only claim to be. */
export class RebalanceBench {
  readonly consume: ConsumeBench
  /** With {@link QUEUES} queues. */
  readonly topic: string
  readonly #children = new Set<ChildProcess>()
  readonly #clients = new Set<ClientInstance>()

  private constructor(consume: ConsumeBench, topic: string) {
    this.consume = consume
    this.topic = topic
  }

  static async start(): Promise<RebalanceBench> {
    const consume = await ConsumeBench.start()
    return new RebalanceBench(consume, await consume.topicWith(8))
  }

  async close(): Promise<void> {
    await this.dismiss()
    await this.consume.close()
  }

  /** Runs a command against the broker. */
  run(words: string, ...args: readonly string[]): Promise<MqResult> {
    return mq([...words.split(' '), '-n', this.consume.broker.address, ...args])
  }

  async shown(group: string): Promise<ShownAllocation> {
    return JSON.parse((await this.run('rebalance show', '-g', group, this.topic, '--json')).stdout) as ShownAllocation
  }

  /** A queue of the topic. */
  queue(queueId: number): MessageQueue {
    return { topic: this.topic, brokerName: 'broker-a', queueId }
  }

  /** Starts members of ours and waits until each holds its share. */
  async members(group: string, count: number, ...flags: readonly string[]): Promise<readonly ChildProcess[]> {
    const args = this.consume.consume(this.topic, '-g', group, '-o', 'none', ...flags)
    const children = Array.from({ length: count }, () => {
      const child = this.consume.spawn(args, 'pipe')
      child.stdout?.resume()
      child.stderr?.resume()
      this.#children.add(child)
      return child
    })
    for (;;) {
      // Before the first member there is no such group.
      const { clients = [], queues = [] } = (await this.shown(group)) as Partial<ShownAllocation>
      const whole = queues.length === QUEUES && queues.every(({ owners }) => owners.length === 1)
      // The first may hold all while the second is known already, and waits for them.
      const isShare = (held: number | null): boolean => held !== null && Math.abs(held - QUEUES / count) < 1
      const isEven = clients.every((client) => isShare(client.queues))
      const isAll = clients.length === count && whole
      if (isAll && (flags.includes('consistent-hash') ? await this.#isAllocated(group) : isEven)) return children
      await sleep(100)
    }
  }

  /** Whether members hold what their strategy gives them, which need not be even. */
  async #isAllocated(group: string): Promise<boolean> {
    return (await this.run('rebalance check', '-g', group)).code === 0
  }

  /** Connects members that hold what they are told to. */
  async plant(...planted: readonly PlantedMember[]): Promise<void> {
    for (const one of planted) this.#clients.add(await plant(this.consume.broker.address, one))
  }

  /** Lets all members go, frozen ones too. */
  async dismiss(): Promise<void> {
    const running = [...this.#children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const ended = running.map((child) => {
      const closed = once(child, 'close')
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      return closed
    })
    this.#children.clear()
    await Promise.all([...ended, ...[...this.#clients].map((client) => client.close())])
    this.#clients.clear()
  }
}
