import type { GroupMember, OffsetEntries } from '../../src/core/client/index.ts'
import { type MessageExt, tagSubscription } from '../../src/core/protocol/index.ts'

/** A consumer that does nothing but note what the client instance asks of it. */
export class FakeMember implements GroupMember {
  readonly group: string
  readonly topics: string[]
  changes = 0
  readonly resets: { readonly topic: string; readonly offsets: OffsetEntries }[] = []
  readonly handed: MessageExt[] = []
  consume: (message: MessageExt) => Promise<string> = () => Promise.resolve('CR_SUCCESS')

  constructor(group: string, topics: readonly string[] = ['T']) {
    this.group = group
    this.topics = [...topics]
  }

  heartbeat(): ReturnType<GroupMember['heartbeat']> {
    return {
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      consumeType: 'CONSUME_PASSIVELY',
      groupName: this.group,
      messageModel: 'CLUSTERING',
      subscriptionDataSet: this.topics.map((topic) => tagSubscription(topic, '*', 1)),
      unitMode: false,
    }
  }

  membersChanged(): void {
    this.changes += 1
  }

  resetOffsets(topic: string, offsets: OffsetEntries): void {
    this.resets.push({ topic, offsets })
  }

  offsets(topic: string): OffsetEntries {
    return this.topics.includes(topic) ? [[{ topic, brokerName: 'a', queueId: 1 }, 42]] : []
  }

  runningInfo(options: { readonly stack: boolean }): ReturnType<GroupMember['runningInfo']> {
    return Promise.resolve({
      jstack: options.stack ? 'the stack' : undefined,
      mqPopTable: [],
      mqTable: [],
      properties: new Map([['consumerGroup', this.group]]),
      statusTable: new Map(),
      subscriptionSet: [],
      userConsumerInfo: new Map(),
    })
  }

  async consumeDirectly(message: MessageExt): ReturnType<GroupMember['consumeDirectly']> {
    this.handed.push(message)
    const consumeResult = await this.consume(message)
    return { autoCommit: true, consumeResult, order: false, remark: undefined, spentTimeMills: 1 }
  }
}
