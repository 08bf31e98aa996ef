import { groupConfigShape, groupConfigTableShape, groupForbiddenShape } from '../bodies/group-config.ts'
import {
  brokerStatsShape,
  groupListShape,
  kvTableShape,
  subscriptionOfGroupShape,
  topicListShape,
} from '../bodies/misc.ts'
import { topicConfigShape, topicConfigTableShape } from '../bodies/topic-config.ts'
import { bool, int, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json, textBody } from '../shape.ts'

/** Topics, groups and settings of a broker. */
export const adminOperations = {
  updateAndCreateTopic: operation({
    code: 17,
    to: 'broker',
    request: {
      topic: text,
      defaultTopic: optional(text),
      readQueueNums: int,
      writeQueueNums: int,
      perm: int,
      topicFilterType: optional(text),
      topicSysFlag: optional(int),
      order: optional(bool),
      attributes: optional(text),
    },
  }),
  deleteTopicInBroker: operation({ code: 215, to: 'broker', request: { topic: text } }),
  getAllTopicConfig: operation({ code: 21, to: 'broker', responseBody: json(topicConfigTableShape) }),
  /** Since 5.0. */
  getTopicConfig: operation({
    code: 351,
    to: 'broker',
    request: { topic: text },
    responseBody: json(topicConfigShape),
    outcomes: { OK: 0 },
  }),
  updateAndCreateSubscriptionGroup: operation({ code: 200, to: 'broker', requestBody: json(groupConfigShape) }),
  deleteSubscriptionGroup: operation({
    code: 207,
    to: 'broker',
    request: { groupName: text, cleanOffset: optional(bool), removeOffset: optional(bool) },
  }),
  getAllSubscriptionGroupConfig: operation({ code: 201, to: 'broker', responseBody: json(groupConfigTableShape) }),
  /** Since 5.0; a 5.3 or 5.5 broker makes an unknown group: look into all of them instead. */
  getSubscriptionGroupConfig: operation({
    code: 352,
    to: 'broker',
    request: { group: text },
    responseBody: json(groupConfigShape),
  }),
  /**
   * Since 5.0; without `readable` it only asks. A Java broker that lifts a ban lifts those of all topics of the group, and
   * does not write it down.
   */
  updateAndGetGroupForbidden: operation({
    code: 353,
    to: 'broker',
    request: { group: text, topic: text, readable: optional(bool) },
    responseBody: json(groupForbiddenShape),
  }),
  getSystemTopicListFromBroker: operation({ code: 305, to: 'broker', responseBody: json(topicListShape) }),
  queryTopicConsumeByWho: operation({
    code: 300,
    to: 'broker',
    request: { topic: text },
    responseBody: json(groupListShape),
  }),
  /** Since 5.0. */
  queryTopicsByConsumer: operation({
    code: 343,
    to: 'broker',
    request: { group: text },
    responseBody: json(topicListShape),
  }),
  /** Since 5.0. */
  querySubscriptionByConsumer: operation({
    code: 345,
    to: 'broker',
    request: { group: text, topic: text },
    responseBody: json(subscriptionOfGroupShape),
  }),
  /** E.g. `TOPIC_PUT_NUMS` of a topic, `GROUP_GET_NUMS` of `topic@group`; code 1 where nothing was counted yet. */
  viewBrokerStatsData: operation({
    code: 315,
    to: 'broker',
    request: { statsName: text, statsKey: text },
    responseBody: json(brokerStatsShape),
  }),
  getBrokerRuntimeInfo: operation({ code: 28, to: 'broker', responseBody: json(kvTableShape) }),
  /** Lines `key=value`. */
  getBrokerConfig: operation({ code: 26, to: 'broker', response: { version: optional(text) }, responseBody: textBody }),
}
