import { ProtocolError, RocketMQError } from '../errors.ts'
import {
  command,
  decodeMessages,
  isOneway,
  type Operation,
  type Operations,
  type OperationsOf,
  operations,
  type RemotingCommand,
  type RequestOf,
  ResponseCode,
  type ResponseOf,
  readHeader,
  writeHeader,
} from '../protocol/index.ts'
import { type Channel, respondTo } from '../remoting/index.ts'
import type { Logger } from '../support/index.ts'
import type { GroupMember } from './group-member.ts'

type PushName = keyof OperationsOf<'client'>
type Handlers = {
  [K in PushName]?: (
    request: RequestOf<Operations[K]>,
    channel: Channel,
  ) => ResponseOf<Operations[K]> | undefined | Promise<ResponseOf<Operations[K]>>
}

interface Options {
  readonly members: ReadonlyMap<string, GroupMember>
  readonly logger: Logger
  /** Finds a broker's name by its address. */
  readonly brokerNameOf: (address: string) => string
}

const pushNames = (Object.keys(operations) as (keyof Operations)[]).filter((name) => operations[name].to === 'client')

/** Answers what brokers ask of a client (`ClientRemotingProcessor.java`). */
export class ServerRequests {
  readonly #options: Options
  readonly #handlers: Handlers

  constructor(options: Options) {
    this.#options = options
    this.#handlers = this.#build()
  }

  /** Never throws; a oneway request is never answered. */
  async handle(request: RemotingCommand, channel: Channel): Promise<void> {
    const response = await this.#answer(request, channel)
    if (!isOneway(request) && response !== undefined) channel.send(respondTo(request, response))
  }

  async #answer(request: RemotingCommand, channel: Channel): Promise<RemotingCommand | undefined> {
    const name = pushNames.find((candidate) => operations[candidate].code === request.code) as PushName | undefined
    const handler = name === undefined ? undefined : this.#handlers[name]
    if (name === undefined || handler === undefined) {
      return failure(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, ` request type ${request.code} not supported`)
    }
    try {
      const operation: Operation = operations[name]
      const body = operation.requestBody === undefined ? {} : { body: operation.requestBody.read(request.body) }
      const header = { ...readHeader(operation.request, request.extFields), ...body }
      const answer = await handler(header as never, channel)
      if (answer === undefined || operation.oneway) return undefined
      const extFields = writeHeader(operation.response, answer as never)
      const bytes = operation.responseBody?.write((answer as { readonly body?: unknown }).body)
      return command({ code: ResponseCode.SUCCESS, opaque: 0, extFields, ...(bytes ? { body: bytes } : {}) })
    } catch (error) {
      this.#options.logger.warn(`cannot answer request ${request.code} of ${channel.address}: ${String(error)}`)
      return failure(ResponseCode.SYSTEM_ERROR, error instanceof Error ? error.message : String(error))
    }
  }

  #build(): Handlers {
    return {
      notifyConsumerIdsChanged: () => {
        for (const member of this.#options.members.values()) member.membersChanged()
        return undefined
      },
      resetConsumerClientOffset: ({ topic, group, body }) => {
        this.#options.members.get(group)?.resetOffsets(topic, body?.offsetTable ?? [])
        return undefined
      },
      getConsumerStatusFromClient: ({ topic, group }) => ({
        outcome: 'OK',
        body: { consumerTable: new Map(), messageQueueTable: this.#options.members.get(group)?.offsets(topic) ?? [] },
      }),
      getRunningInfoFromClient: async ({ consumerGroup, jstackEnable }) => ({
        outcome: 'OK',
        body: await this.#member(consumerGroup).runningInfo({ stack: jstackEnable ?? false }),
      }),
      consumeDirectlyOnClient: async ({ consumerGroup, brokerName, body }, channel) => {
        const origin = { brokerName: brokerName ?? this.#options.brokerNameOf(channel.address) }
        const [message] = decodeMessages(body, origin)
        if (message === undefined) throw new ProtocolError('the request carries no message')
        return { outcome: 'OK', body: await this.#member(consumerGroup).consumeDirectly(message) }
      },
    }
  }

  #member(group: string): GroupMember {
    const member = this.#options.members.get(group)
    if (member) return member
    throw new RocketMQError('NOT_FOUND', `The Consumer Group <${group}> not exist in this consumer`)
  }
}

function failure(code: number, remark: string): RemotingCommand {
  return command({ code, opaque: 0, remark })
}
