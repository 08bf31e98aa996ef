import { CommandFlag, type Language, OUR_VERSION } from './codes.ts'
import type { ExtFields } from './header-codec.ts'

/** How a header travels; said in each frame, so decided per frame. */
export type Serialization = 'JSON' | 'ROCKETMQ'

/** One frame's content. An absent body and an empty one are the same on the wire: both are a `Buffer` of length 0. */
export interface RemotingCommand {
  readonly code: number
  /** `undefined` when the sender named a language we do not know. */
  readonly language: Language | undefined
  readonly version: number
  readonly opaque: number
  readonly flag: number
  readonly remark: string | undefined
  readonly extFields: ExtFields
  readonly body: Buffer
  readonly serialization: Serialization
}

export const noBody: Buffer = Buffer.alloc(0)
export const noExtFields: ExtFields = new Map()

/** Fills in what most commands of ours share. */
export function command(parts: Pick<RemotingCommand, 'code' | 'opaque'> & Partial<RemotingCommand>): RemotingCommand {
  return {
    language: 'OTHER',
    version: OUR_VERSION,
    flag: 0,
    remark: undefined,
    extFields: noExtFields,
    body: noBody,
    serialization: 'JSON',
    ...parts,
  }
}

export function isResponse(received: Pick<RemotingCommand, 'flag'>): boolean {
  return (received.flag & CommandFlag.RESPONSE) !== 0
}

export function isOneway(received: Pick<RemotingCommand, 'flag'>): boolean {
  return (received.flag & CommandFlag.ONEWAY) !== 0
}
