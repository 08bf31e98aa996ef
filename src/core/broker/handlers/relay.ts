import { RocketMQError, TimeoutError } from '../../errors.ts'
import {
  BROKER_VERSION,
  command,
  decodeOffsetMessageId,
  type ExtFields,
  noBody,
  type Operation,
  type Operations,
  operations,
  type RemotingCommand,
  ResponseCode,
  type ResponseOf,
  writeHeader,
} from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import type { Member } from '../consumer-registry.ts'
import { type Handlers, RelayedReply, ResponseFailure } from '../reply.ts'

type Services = Pick<BrokerServices, 'consumers' | 'log' | 'identity' | 'topics' | 'groups' | 'logger'>
type ConsumerStatus = ResponseOf<Operations['getConsumerStatusFromClient']>['body']

/** How long a member may take (`Broker2Client.java`). */
const RELAY_MS = 10_000
const STATUS_MS = 5_000

/** `MQVersion` ordinals from which a client answers: 3.1.8 running info and direct consumption, 3.0.7 its status. */
const ANSWERS_RUNNING_INFO = 62
const ANSWERS_STATUS = 28

/** What is asked of one member over its own connection. */
export function relayHandlers(services: Services): Handlers {
  return {
    getConsumerRunningInfo: ({ consumerGroup, clientId }, { command: request }) =>
      relay(services, consumerGroup, clientId, request),
    consumeMessageDirectly: ({ consumerGroup, clientId = '', msgId = '', topic }, { command: request }) => {
      const extFields = new Map(request.extFields).set('brokerName', services.identity().brokerName)
      if (topic !== undefined) {
        extFields.set('topicSysFlag', String(services.topics.get(topic)?.config.topicSysFlag ?? 0))
        extFields.set('groupSysFlag', String(services.groups.get(consumerGroup)?.groupSysFlag ?? 0))
      }
      const position = Number(decodeOffsetMessageId(msgId).commitLogOffset)
      const body = services.log.read(position)
      if (body === undefined) {
        throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${position}`)
      }
      return relay(services, consumerGroup, clientId, { code: request.code, extFields, body })
    },
    invokeBrokerToGetConsumerStatus: async ({ topic, group, clientAddr }) => {
      const members = [...(services.consumers.get(group)?.members.values() ?? [])]
      if (members.length === 0) {
        throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `No Any Consumer online in the consumer group: [${group}]`)
      }
      const asked = members.filter(({ clientId }) => !clientAddr || clientId === clientAddr)
      const answers = await Promise.all(asked.map((member) => statusOf(services, member, topic, group)))
      const consumerTable = new Map(
        asked.flatMap(({ clientId }, index) => {
          const status = answers[index]
          return status === undefined ? [] : [[clientId, status.messageQueueTable] as const]
        }),
      )
      return { outcome: 'OK', body: { consumerTable, messageQueueTable: [] } }
    },
  }
}

/** The member's answer exactly as it gave it. */
async function relay(
  { consumers }: Services,
  group: string,
  clientId: string,
  request: Pick<RemotingCommand, 'code' | 'extFields' | 'body'>,
): Promise<RelayedReply> {
  const member = consumers.member(group, clientId)
  if (member === undefined) {
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `The Consumer <${group}> <${clientId}> not online`)
  }
  if (member.version < ANSWERS_RUNNING_INFO) {
    const remark = `The Consumer <${clientId}> Version <${member.version}> too low to finish, please upgrade it to V3_1_8_SNAPSHOT`
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, remark)
  }
  try {
    return new RelayedReply(await ask(member, request, RELAY_MS))
  } catch (error) {
    if (error instanceof TimeoutError) {
      const remark = `consumer <${group}> <${clientId}> Timeout: ${error.message}`
      throw new ResponseFailure(ResponseCode.CONSUME_MSG_TIMEOUT, remark)
    }
    if (!(error instanceof RocketMQError)) throw error
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `invoke consumer <${group}> <${clientId}> ${error.message}`)
  }
}

/** Where a member stands in a topic; `undefined` when it does not say. */
async function statusOf(
  { logger }: Services,
  member: Member,
  topic: string,
  group: string,
): Promise<ConsumerStatus | undefined> {
  if (member.version < ANSWERS_STATUS) return undefined
  const operation: Operation = operations.getConsumerStatusFromClient
  const extFields: ExtFields = writeHeader(operations.getConsumerStatusFromClient.request, { topic, group })
  try {
    const response = await ask(member, { code: operation.code, extFields, body: noBody }, STATUS_MS)
    if (response.code !== ResponseCode.SUCCESS) return undefined
    return operation.responseBody?.read(response.body) as ConsumerStatus
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error
    logger.info(`member ${member.clientId} of ${group} did not tell its status: ${error.message}`)
    return undefined
  }
}

function ask(
  { channel }: Member,
  request: Pick<RemotingCommand, 'code' | 'extFields' | 'body'>,
  timeoutMs: number,
): Promise<RemotingCommand> {
  const { code, extFields, body } = request
  const opaque = channel.nextOpaque()
  return channel.request(command({ code, opaque, extFields, body, version: BROKER_VERSION }), {
    what: `request ${code}`,
    timeoutMs,
  })
}
