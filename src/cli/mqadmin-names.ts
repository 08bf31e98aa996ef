/** What of mqadmin's commands each is called here; the words a user types after `mq`. */
const names: ReadonlyMap<string, string> = new Map([
  ['updateTopic', 'topics create'],
  ['updateTopicPerm', 'topics create'],
  ['deleteTopic', 'topics delete'],
  ['topicList', 'topics list'],
  ['topicRoute', 'topics show'],
  ['topicStatus', 'topics show'],
  ['topicClusterList', 'topics show'],
  ['allocateMQ', 'rebalance plan'],
  ['updateSubGroup', 'groups create'],
  ['setConsumeMode', 'groups config'],
  ['deleteSubGroup', 'groups delete'],
  ['consumerConnection', 'groups show'],
  ['consumerProgress', 'offsets show'],
  ['consumerStatus', 'rebalance show'],
  ['getConsumerStatus', 'offsets show'],
  ['getConsumerConfig', 'groups config'],
  ['cloneGroupOffset', 'offsets clone'],
  ['resetOffsetByTime', 'offsets reset'],
  ['skipAccumulatedMessage', 'offsets reset'],
  ['sendMessage', 'produce'],
  ['checkMsgSendRT', 'produce'],
  ['consumeMessage', 'messages peek'],
  ['printMsg', 'messages peek'],
  ['printMsgByQueue', 'messages peek'],
  ['queryMsgById', 'messages get'],
  ['queryMsgByUniqueKey', 'messages get'],
  ['queryMsgByKey', 'messages get'],
  ['queryMsgByOffset', 'messages get'],
  ['resendDLQMessage', 'dlq redrive'],
  ['clusterList', 'clusters show'],
  ['brokerStatus', 'clusters show'],
  ['startMonitoring', 'check lag'],
  ['mqbroker', 'broker start'],
  ['mqnamesrv', 'broker start'],
])

/** The words after `mq` that do what a command of mqadmin does, whatever its case; `undefined` for any other word. */
export function ofMqadmin(word: string): string | undefined {
  const wanted = word.toLowerCase()
  return [...names].find(([name]) => name.toLowerCase() === wanted)?.[1]
}
