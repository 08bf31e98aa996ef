import { BrokerResponseError } from '../errors.ts'
import { ResponseCode, type TopicConfig } from '../protocol/index.ts'
import type { InvokeOptions, RemotingClient } from '../remoting/index.ts'

/** Where to read a topic. */
export interface TopicConfigQuery extends InvokeOptions {
  readonly topic: string
  /** Of the broker's master. */
  readonly address: string
}

/** From this version (5.0.0) on a broker tells one topic's configuration; before, only all of them. */
const SINGLE_TOPIC_VERSION = 413

/** A topic's configuration on one broker; `undefined` when it has no such topic. */
export async function readTopicConfig(
  remoting: Pick<RemotingClient, 'invoke' | 'versionOf'>,
  query: TopicConfigQuery,
): Promise<TopicConfig | undefined> {
  const { topic, address, ...wait } = query
  if ((remoting.versionOf(address) ?? SINGLE_TOPIC_VERSION) >= SINGLE_TOPIC_VERSION) {
    try {
      return (await remoting.invoke(address, 'getTopicConfig', { topic }, wait)).body
    } catch (error) {
      if (!(error instanceof BrokerResponseError)) throw error
      if (error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return undefined
      if (error.responseCode !== ResponseCode.REQUEST_CODE_NOT_SUPPORTED) throw error
    }
  }
  const { body } = await remoting.invoke(address, 'getAllTopicConfig', {}, wait)
  return body.topicConfigTable.get(topic)
}
