import { clusterInfoShape } from '../bodies/cluster-info.ts'
import { kvTableShape, topicListShape } from '../bodies/misc.ts'
import { topicRouteDataShape } from '../bodies/topic-route.ts'
import { bool, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json } from '../shape.ts'

/** What name servers answer. A 4.9 one stays silent on a code it does not know: probe nothing here. */
export const routeOperations = {
  getRouteInfoByTopic: operation({
    code: 105,
    to: 'nameServer',
    request: { topic: text, acceptStandardJsonOnly: optional(bool) },
    responseBody: json(topicRouteDataShape),
  }),
  getBrokerClusterInfo: operation({ code: 106, to: 'nameServer', responseBody: json(clusterInfoShape) }),
  getAllTopicListFromNameServer: operation({ code: 206, to: 'nameServer', responseBody: json(topicListShape) }),
  getTopicsByCluster: operation({
    code: 224,
    to: 'nameServer',
    request: { cluster: text },
    responseBody: json(topicListShape),
  }),
  getSystemTopicListFromNameServer: operation({ code: 304, to: 'nameServer', responseBody: json(topicListShape) }),
  deleteTopicInNameServer: operation({
    code: 216,
    to: 'nameServer',
    request: { topic: text, clusterName: optional(text) },
  }),
  putKvConfig: operation({ code: 100, to: 'nameServer', request: { namespace: text, key: text, value: text } }),
  getKvConfig: operation({
    code: 101,
    to: 'nameServer',
    request: { namespace: text, key: text },
    response: { value: optional(text) },
    outcomes: { OK: 0, NOT_FOUND: 22 },
  }),
  deleteKvConfig: operation({ code: 102, to: 'nameServer', request: { namespace: text, key: text } }),
  getKvListByNamespace: operation({
    code: 219,
    to: 'nameServer',
    request: { namespace: text },
    responseBody: json(kvTableShape),
  }),
}
