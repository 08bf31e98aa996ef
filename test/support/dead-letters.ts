import { decodeMessages, PullSysFlag } from '../../src/core/protocol/index.ts'
import type { RemotingClient } from '../../src/core/remoting/index.ts'

/** A message that a group has given up. */
export interface DeadLetter {
  readonly body: string
  readonly reconsumeTimes: number
}

/** What lies in the dead-letter queue of a group, in order; nothing while there is none. */
export async function deadLetters(
  remoting: Pick<RemotingClient, 'invoke'>,
  address: string,
  group: string,
): Promise<DeadLetter[]> {
  const topic = `%DLQ%${group}`
  const { body } = await remoting.invoke(address, 'getAllTopicConfig', {})
  if (!body.topicConfigTable.has(topic)) return []
  const letters: DeadLetter[] = []
  for (let queueOffset = 0; ; ) {
    const answer = await remoting.invoke(address, 'pullMessage', {
      consumerGroup: 'TOOLS_CONSUMER',
      topic,
      queueId: 0,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: PullSysFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    })
    if (answer.outcome !== 'FOUND') return letters
    for (const message of decodeMessages(answer.body)) {
      letters.push({ body: message.body.toString(), reconsumeTimes: message.reconsumeTimes })
    }
    queueOffset = answer.nextBeginOffset
  }
}
