import { type HeartbeatData, ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { clientAddress } from '../client-address.ts'
import type { Member } from '../consumer-registry.ts'
import { ensureRetryTopic, notifies, requireGroup } from '../group-rules.ts'
import { subscribed } from '../pull-subscription.ts'
import { type Handlers, type RequestContext, ResponseFailure } from '../reply.ts'

type Services = Pick<BrokerServices, 'consumers' | 'producers' | 'groups' | 'topics'>

/** Who is online (`ClientManageProcessor.java`, `ConsumerManageProcessor.java`). */
export function clientHandlers(services: Services): Handlers {
  const { consumers, producers } = services
  return {
    heartBeat: ({ body }, context) => ({
      outcome: 'OK',
      supportsV2: true,
      subscriptionsChanged: heartbeat(services, body, context),
    }),
    unregisterClient: (request, { channel }) => {
      if (request.producerGroup) producers.unregister(request.producerGroup, channel)
      if (request.consumerGroup) {
        consumers.unregister(request.consumerGroup, channel, notifies(services.groups.get(request.consumerGroup)))
      }
      return { outcome: 'OK' }
    },
    getConsumerListByGroup: ({ consumerGroup }) => {
      const consumerIdList = consumers.clientIds(consumerGroup)
      if (consumerIdList) return { outcome: 'OK', body: { consumerIdList } }
      throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `no consumer for this group, ${consumerGroup}`)
    },
    checkClientConfig: ({ body }) => {
      subscribed(body.subscriptionData)
      return { outcome: 'OK' }
    },
    getConsumerConnectionList: ({ consumerGroup }) => {
      const group = consumers.get(consumerGroup)
      if (group === undefined) {
        const remark = `the consumer group[${consumerGroup}] not online`
        throw new ResponseFailure(ResponseCode.CONSUMER_NOT_ONLINE, remark)
      }
      return {
        outcome: 'OK',
        body: {
          connectionSet: [...group.members.values()].map(connectionOf),
          consumeFromWhere: group.consumeFromWhere,
          consumeType: group.consumeType,
          messageModel: group.messageModel,
          subscriptionTable: group.subscriptions,
        },
      }
    },
    getProducerConnectionList: ({ producerGroup }) => {
      const members = producers.members(producerGroup)
      if (members.length === 0) {
        throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `the producer group[${producerGroup}] not exist`)
      }
      return { outcome: 'OK', body: { connectionSet: members.map(connectionOf) } }
    },
  }
}

/** Takes a heartbeat; true when the client has to send its subscriptions in full. */
function heartbeat(services: Services, body: HeartbeatData, { channel, command }: RequestContext): boolean {
  const member = { channel, clientId: body.clientID, language: command.language, version: command.version }
  for (const { groupName } of body.producerDataSet) services.producers.register(groupName, member)
  let changed = false
  for (const data of body.consumerDataSet) {
    const known = services.consumers.get(data.groupName)
    if (body.withoutSub) {
      // A light heartbeat says nothing about topics, so it is worth something only to who has sent them before.
      const same = known?.fingerprint === body.heartbeatFingerprint
      changed = !(same && services.consumers.refresh(data.groupName, channel)) || changed
      continue
    }
    const group = requireGroup(services.groups, data.groupName)
    ensureRetryTopic(services.topics, group)
    const fingerprint = body.heartbeatFingerprint
    if (fingerprint === 0 || (known && known.fingerprint !== fingerprint)) changed = true
    services.consumers.register({ member, data, fingerprint, notify: notifies(group) })
  }
  return body.heartbeatFingerprint === 0 || changed
}

function connectionOf(member: Member): {
  readonly clientAddr: string
  readonly clientId: string
  readonly language: string | undefined
  readonly version: number
} {
  const { clientId, language, version, channel } = member
  return { clientAddr: clientAddress(channel), clientId, language, version }
}
