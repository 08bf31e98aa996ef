import type { BrokerServices } from '../broker-services.ts'
import { requireGroup, requireGroupName } from '../group-rules.ts'
import type { Handlers } from '../reply.ts'

type Services = Pick<BrokerServices, 'groups' | 'offsets' | 'consumers'>

/** Consumer groups of this broker (`AdminBrokerProcessor#updateAndCreateSubscriptionGroup` …). */
export function groupHandlers(services: Services): Handlers {
  const { groups, offsets } = services
  return {
    updateAndCreateSubscriptionGroup: async ({ body }) => {
      requireGroupName(body.groupName)
      // Attributes are changed one by one in Java (`+name`), never replaced.
      groups.put({ ...body, attributes: groups.get(body.groupName)?.attributes ?? new Map<string, string>() })
      await groups.flush()
      return { outcome: 'OK' }
    },
    getSubscriptionGroupConfig: ({ group }) => ({ outcome: 'OK', body: requireGroup(groups, group) }),
    getAllSubscriptionGroupConfig: () => ({
      outcome: 'OK',
      extFields: new Map([['totalGroupNum', String(groups.all().size)]]),
      body: { dataVersion: groups.dataVersion, forbiddenTable: groups.forbidden, subscriptionGroupTable: groups.all() },
    }),
    updateAndGetGroupForbidden: async ({ group, topic, readable }) => {
      if (readable !== undefined) {
        groups.setMayRead(group, topic, readable)
        await groups.flush()
      }
      return { outcome: 'OK', body: { group, topic, readable: groups.mayRead(group, topic) } }
    },
    deleteSubscriptionGroup: async ({ groupName, cleanOffset, removeOffset }) => {
      groups.delete(groupName)
      if (cleanOffset === true || removeOffset === true) offsets.deleteGroup(groupName)
      await groups.flush()
      return { outcome: 'OK' }
    },
    queryTopicConsumeByWho: ({ topic }) => ({ outcome: 'OK', body: { groupList: consumersOf(services, topic) } }),
    queryTopicsByConsumer: ({ group }) => ({
      outcome: 'OK',
      body: { brokerAddr: undefined, topicList: offsets.topicsOf(group) },
    }),
    querySubscriptionByConsumer: ({ group, topic }) => ({
      outcome: 'OK',
      body: { group, topic, subscriptionData: services.consumers.get(group)?.subscriptions.get(topic) },
    }),
  }
}

/** Groups that subscribe a topic now, and groups that have an offset in it. */
function consumersOf({ consumers, offsets }: Services, topic: string): readonly string[] {
  const online = [...consumers.all()].filter(([, group]) => group.subscriptions.has(topic)).map(([name]) => name)
  const offline = offsets.groups().filter((group) => offsets.topicsOf(group).includes(topic))
  return [...new Set([...online, ...offline])]
}
