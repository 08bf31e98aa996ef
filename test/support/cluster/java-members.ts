import type { Cluster } from './cluster.ts'
import type { JavaPeer } from './java-peer.ts'

/** Java consumers of one group in one process, which come and go one by one. Close it. */
export class JavaMembers {
  readonly #peer: JavaPeer

  private constructor(peer: JavaPeer) {
    this.#peer = peer
  }

  static async start(
    cluster: Cluster,
    { group, topic }: { readonly group: string; readonly topic: string },
  ): Promise<JavaMembers> {
    return new JavaMembers(await cluster.java('members', ['--group', group, '--topic', topic, '--from', 'first']))
  }

  /** Starts a member by a strategy (`average`, `circle`, `hash`, or `config:0,2`), whose client id is `127.0.0.1@NAME`. */
  async join(name: string, strategy: string): Promise<void> {
    await this.#told('started', name, `start ${name} ${strategy}`)
  }

  /** Stops a member in good order. */
  async leave(name: string): Promise<void> {
    await this.#told('stopped', name, `stop ${name}`)
  }

  /** What members hold, as they tell themselves: who has each queue, as `topic broker-a:0`. */
  get held(): ReadonlyMap<string, readonly string[]> {
    const shares = new Map<string, Map<string, readonly string[]>>()
    for (const told of this.#peer.events) {
      if (told.event === 'stopped') shares.delete(told.client ?? '')
      if (told.event !== 'owns') continue
      const share = shares.get(told.client ?? '') ?? new Map<string, readonly string[]>()
      shares.set(told.client ?? '', share.set(told.topic, told.queues))
    }
    const held = new Map<string, readonly string[]>()
    for (const [client, share] of shares) {
      for (const [topic, queues] of share) {
        for (const queue of queues) {
          const name = `${topic} ${queue}`
          held.set(name, [...(held.get(name) ?? []), client].sort())
        }
      }
    }
    return held
  }

  /** Resolves when a check of what is held no longer throws; rejects with what it has thrown when time is up. */
  async until(check: (held: ReadonlyMap<string, readonly string[]>) => void, timeoutMs = 120_000): Promise<void> {
    let thrown: unknown
    const passes = (): boolean => {
      try {
        check(this.held)
        return true
      } catch (error) {
        thrown = error
        return false
      }
    }
    await this.#peer.until(passes, timeoutMs).catch((error: unknown) => {
      throw thrown ?? error
    })
  }

  async close(): Promise<void> {
    await this.#peer.kill()
  }

  async #told(event: 'started' | 'stopped', name: string, line: string): Promise<void> {
    const count = (): number =>
      this.#peer.events.filter((told) => told.event === event && told.client === `127.0.0.1@${name}`).length
    const before = count()
    this.#peer.tell(line)
    await this.#peer.until(() => count() > before)
  }
}
