import { ConnectionError } from '../../errors.ts'
import { formatPopHandle, type PopHandle, popRealTopic } from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'

/** Seconds until a failed message comes again, by level (`ConsumeMessagePopConcurrentlyService`). */
const DELAYS = [10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200] as const
const LONGEST = 7200

/** How long a failed message stays hidden; level 0 goes by how often it has failed already. */
export function popDelayMs(level: number, reconsumeTimes: number): number {
  return (DELAYS[level === 0 ? reconsumeTimes : level] ?? LONGEST) * 1000
}

interface Options {
  readonly group: string
  readonly remoting: Pick<RemotingClient, 'invoke'>
  readonly masterOf: (brokerName: string, topic: string) => Promise<string | undefined>
}

/** Changes until when popped messages are hidden (CHANGE_MESSAGE_INVISIBLETIME). */
export class InvisibleTime {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Hides a message of a topic for so long from now; resolves to its new handle: the one used is spent. */
  async change(topic: string, handle: PopHandle, invisibleMs: number): Promise<PopHandle> {
    const { group, remoting } = this.#options
    const { brokerName, queueId, queueOffset } = handle
    const address = await this.#options.masterOf(brokerName, topic)
    if (address === undefined) throw new ConnectionError(brokerName, `broker ${brokerName} has no master`)
    const answer = await remoting.invoke(address, 'changeMessageInvisibleTime', {
      consumerGroup: group,
      topic: popRealTopic(group, topic, handle.retry),
      queueId,
      extraInfo: formatPopHandle(handle),
      offset: queueOffset,
      invisibleTime: invisibleMs,
      bname: brokerName,
    })
    const { popTime, invisibleTime, reviveQid: reviveQueueId } = answer
    // It is on its own from now on, and no part of its POP any more.
    return { ...handle, startOffset: queueOffset, popTime, invisibleTime, reviveQueueId }
  }
}
