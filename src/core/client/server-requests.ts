import { NotFoundError, ProtocolError } from '../errors.ts'
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
import { type Logger, unlessAborted } from '../support/index.ts'
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

const namesByCode: ReadonlyMap<number, PushName> = new Map(
  (Object.keys(operations) as (keyof Operations)[])
    .filter((name): name is PushName => operations[name].to === 'client')
    .map((name) => [operations[name].code, name]),
)

/** Answers what brokers ask of a client (`ClientRemotingProcessor.java`). */
export class ServerRequests {
  readonly #options: Options
  readonly #handlers: Handlers

  constructor(options: Options) {
    this.#options = options
    this.#handlers = this.#build()
  }

  /** Answers a request unless it is oneway; a fault of ours is an answer too. Rejects only with the signal's reason. */
  async handle(request: RemotingCommand, channel: Channel, signal: AbortSignal): Promise<void> {
    const response = await this.#answer(request, channel, signal)
    if (response === undefined || isOneway(request)) return
    try {
      channel.send(respondTo(request, response))
    } catch (error) {
      channel.send(respondTo(request, this.#fault(request, channel, error)))
    }
  }

  async #answer(request: RemotingCommand, channel: Channel, signal: AbortSignal): Promise<RemotingCommand | undefined> {
    const name = namesByCode.get(request.code)
    const handler = name === undefined ? undefined : this.#handlers[name]
    if (name === undefined || handler === undefined) {
      return failure(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, ` request type ${request.code} not supported`)
    }
    try {
      const operation: Operation = operations[name]
      const body = operation.requestBody === undefined ? {} : { body: operation.requestBody.read(request.body) }
      const header = { ...readHeader(operation.request, request.extFields), ...body }
      // A listener that was handed a message may take as long as it likes; closing the client must not wait for it.
      const answer = await unlessAborted(Promise.resolve(handler(header as never, channel)), signal)
      if (answer === undefined || operation.oneway) return undefined
      const extFields = writeHeader(operation.response, answer as never)
      const bytes = operation.responseBody?.write((answer as { readonly body?: unknown }).body)
      return command({ code: ResponseCode.SUCCESS, opaque: 0, extFields, ...(bytes ? { body: bytes } : {}) })
    } catch (error) {
      signal.throwIfAborted()
      return this.#fault(request, channel, error)
    }
  }

  #fault(request: RemotingCommand, channel: Channel, error: unknown): RemotingCommand {
    const message = error instanceof Error ? error.message : String(error)
    this.#options.logger.warn(`cannot answer request ${request.code} of ${channel.address}: ${message}`)
    return failure(ResponseCode.SYSTEM_ERROR, message)
  }

  #build(): Handlers {
    const { members, brokerNameOf } = this.#options
    return {
      notifyConsumerIdsChanged: () => {
        for (const member of members.values()) member.membersChanged()
        return undefined
      },
      resetConsumerClientOffset: ({ topic, group, body }) => {
        members.get(group)?.resetOffsets(topic, body?.offsetTable ?? [])
        return undefined
      },
      getConsumerStatusFromClient: ({ topic, group }) => ({
        outcome: 'OK',
        body: { consumerTable: new Map(), messageQueueTable: members.get(group)?.offsets(topic) ?? [] },
      }),
      getRunningInfoFromClient: async ({ consumerGroup, jstackEnable }) => ({
        outcome: 'OK',
        body: await this.#member(consumerGroup).runningInfo({ stack: jstackEnable ?? false }),
      }),
      consumeDirectlyOnClient: async ({ consumerGroup, brokerName, body }, channel) => {
        const [message] = decodeMessages(body, { brokerName: brokerName || brokerNameOf(channel.address) })
        if (message === undefined) throw new ProtocolError('the request carries no message')
        return { outcome: 'OK', body: await this.#member(consumerGroup).consumeDirectly(message) }
      },
    }
  }

  #member(group: string): GroupMember {
    const member = this.#options.members.get(group)
    if (member) return member
    // The words of Java, which tools show.
    throw new NotFoundError('group', group, `The Consumer Group <${group}> not exist in this consumer`)
  }
}

function failure(code: number, remark: string): RemotingCommand {
  return command({ code, opaque: 0, remark })
}
