import { ProtocolError, StorageError } from '../errors.ts'
import {
  BROKER_VERSION,
  command,
  isOneway,
  noBody,
  noExtFields,
  type Operation,
  operations,
  type RemotingCommand,
  ResponseCode,
  readHeader,
  writeHeader,
} from '../protocol/index.ts'
import { type Channel, respondTo } from '../remoting/index.ts'
import type { Logger } from '../support/index.ts'
import { type Handlers, RelayedReply, type RequestContext, ResponseFailure } from './reply.ts'

interface Route {
  readonly name: string
  readonly operation: Operation
  readonly handle: (request: unknown, context: RequestContext) => unknown
}

interface PlainReply {
  readonly outcome: string
  readonly body?: unknown
  readonly remark?: string
  readonly extFields?: ReadonlyMap<string, string>
}

/** Finds the handler of each request by its code and answers in the request's own serialization. Never throws. */
export class Router {
  readonly #routes = new Map<number, Route>()
  readonly #logger: Logger

  constructor(handlers: Handlers, logger: Logger) {
    this.#logger = logger
    for (const [name, handle] of Object.entries(handlers)) {
      const operation: Operation = operations[name as keyof Handlers]
      this.#routes.set(operation.code, { name, operation, handle: handle as Route['handle'] })
    }
  }

  /** Carries a request out; a oneway one is never answered. */
  handle(request: RemotingCommand, channel: Channel): void {
    const route = this.#routes.get(request.code)
    if (route === undefined) {
      const remark = ` request type ${request.code} not supported`
      this.#answer(request, channel, { code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED, remark })
      return
    }
    try {
      const reply = route.handle(readRequest(route.operation, request), { channel, command: request })
      if (reply instanceof Promise) {
        reply.then(
          (settled: unknown) => {
            this.#reply(route, request, channel, settled)
          },
          (error: unknown) => {
            this.#fail(route, request, channel, error)
          },
        )
      } else this.#reply(route, request, channel, reply)
    } catch (error) {
      this.#fail(route, request, channel, error)
    }
  }

  #reply(route: Route, request: RemotingCommand, channel: Channel, reply: unknown): void {
    try {
      const response = reply instanceof RelayedReply ? reply.response : encode(route.operation, reply as PlainReply)
      this.#answer(request, channel, response)
    } catch (error) {
      this.#fail(route, request, channel, error)
    }
  }

  #fail(route: Route, request: RemotingCommand, channel: Channel, error: unknown): void {
    if (error instanceof ResponseFailure) {
      this.#answer(request, channel, { code: error.responseCode, remark: error.message })
      return
    }
    const message = error instanceof Error ? error.message : String(error)
    if (!(error instanceof ProtocolError)) {
      this.#logger.warn(`${route.name} from ${channel.address} failed: ${message}`, { error })
    }
    // A store that failed takes nothing any more, so that producers try elsewhere.
    const code = error instanceof StorageError ? ResponseCode.SERVICE_NOT_AVAILABLE : ResponseCode.SYSTEM_ERROR
    this.#answer(request, channel, { code, remark: message })
  }

  #answer(
    request: RemotingCommand,
    channel: Channel,
    response: Pick<RemotingCommand, 'code'> & Partial<RemotingCommand>,
  ): void {
    if (isOneway(request)) return
    const { code, remark, extFields = noExtFields, body = noBody } = response
    const { serialization, opaque } = request
    const full = command({ code, opaque, remark, extFields, body, serialization, version: BROKER_VERSION })
    channel.send(respondTo(request, full))
  }
}

function readRequest(operation: Operation, request: RemotingCommand): unknown {
  const header = readHeader(operation.request, request.extFields)
  return operation.requestBody ? { ...header, body: operation.requestBody.read(request.body) } : header
}

function encode(
  operation: Operation,
  reply: PlainReply,
): Pick<RemotingCommand, 'code' | 'remark' | 'extFields' | 'body'> {
  const code = operation.outcomes[reply.outcome]
  if (code === undefined) throw new ProtocolError(`the outcome ${reply.outcome} is not one of the operation's`)
  const extFields = writeHeader(operation.response, reply as never)
  for (const [name, value] of reply.extFields ?? []) extFields.set(name, value)
  const body = operation.responseBody?.write(reply.body) ?? noBody
  return { code, remark: reply.remark, extFields, body }
}
