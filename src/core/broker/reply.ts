import type {
  ExtFields,
  OperationName,
  Operations,
  OperationsOf,
  RemotingCommand,
  RequestOf,
  ResponseOf,
} from '../protocol/index.ts'
import type { Channel } from '../remoting/index.ts'

/** What a handler knows of a request besides its header and body. */
export interface RequestContext {
  /** The connection it came over. */
  readonly channel: Channel
  /** The request as it came: sender's version and language, fields the operation does not name. */
  readonly command: RemotingCommand
}

/** A response code other than the operation's outcomes. Thrown by handlers, answered by the router. */
export class ResponseFailure extends Error {
  readonly responseCode: number

  /** `remark` tells the client what was wrong with what. */
  constructor(responseCode: number, remark: string) {
    super(remark)
    this.name = 'ResponseFailure'
    this.responseCode = responseCode
  }
}

/** An answer of somebody else, to be passed on as it is. */
export class RelayedReply {
  readonly response: Pick<RemotingCommand, 'code' | 'remark' | 'extFields' | 'body'>

  constructor(response: Pick<RemotingCommand, 'code' | 'remark' | 'extFields' | 'body'>) {
    this.response = response
  }
}

/** What a handler answers: one of the operation's outcomes with its header and body. */
export type Reply<K extends OperationName> = ResponseOf<Operations[K]> & {
  readonly remark?: string
  /** Fields the operation does not name. */
  readonly extFields?: ExtFields
}

/** Does what one operation asks for. */
export type Handler<K extends OperationName> = (
  request: RequestOf<Operations[K]>,
  context: RequestContext,
) => Reply<K> | RelayedReply | Promise<Reply<K> | RelayedReply>

/** The operations a broker or a name server answers. */
export type ServedOperation = keyof OperationsOf<'broker' | 'nameServer'>

/** Handlers by operation. */
export type Handlers = { readonly [K in ServedOperation]?: Handler<K> }
