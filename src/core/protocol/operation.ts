import type { HeaderOf, HeaderSchema } from './fields.ts'

/** Reads and writes a command body. */
export interface Body<T> {
  /** What it is, for documentation. */
  readonly type: 'JSON' | 'bytes' | 'text'
  read(bytes: Buffer): T
  write(value: T): Buffer
}

/** Who answers an operation. */
export type Peer = 'broker' | 'nameServer' | 'client'

/** Outcome names with the response code of each. */
export type Outcomes = Readonly<Record<string, number>>

/** What one request code means. */
export interface Operation<
  To extends Peer = Peer,
  Req extends HeaderSchema = HeaderSchema,
  Res extends HeaderSchema = HeaderSchema,
  ReqBody = unknown,
  ResBody = unknown,
  Out extends Outcomes = Outcomes,
> {
  readonly code: number
  readonly to: To
  readonly request: Req
  readonly response: Res
  readonly requestBody?: Body<ReqBody>
  readonly responseBody?: Body<ResBody>
  /** The response codes that are answers; any other one is thrown. */
  readonly outcomes: Out
  /** Sent without waiting: the peer never answers. */
  readonly oneway?: true
}

const noFields = {} as const
const succeeded = { OK: 0 } as const

/** Declares an operation. What is left out is empty, and `OK` (code 0) is then its only outcome. */
export function operation<
  const To extends Peer,
  const Req extends HeaderSchema = typeof noFields,
  const Res extends HeaderSchema = typeof noFields,
  ReqBody = undefined,
  ResBody = undefined,
  const Out extends Outcomes = typeof succeeded,
>(
  declared: Pick<Operation<To, Req, Res, ReqBody, ResBody, Out>, 'code' | 'to'> &
    Partial<Operation<To, Req, Res, ReqBody, ResBody, Out>>,
): Operation<To, Req, Res, ReqBody, ResBody, Out> {
  // The defaults stand for the type parameters' defaults, which the compiler cannot connect.
  const defaults = {
    request: noFields as unknown as Req,
    response: noFields as unknown as Res,
    outcomes: succeeded as unknown as Out,
  }
  return { ...defaults, ...declared }
}

type BodyOf<B> = NonNullable<B> extends Body<infer T> ? T : undefined
type WithBody<T> = [T] extends [undefined] ? unknown : { readonly body: T }

/** What a caller passes, and what an embedded broker's handler receives. */
export type RequestOf<O> = O extends { request: infer Req; requestBody?: infer B }
  ? HeaderOf<Req> & WithBody<BodyOf<B>>
  : never

/** What a caller gets, and what an embedded broker's handler returns: the header, the body and which outcome it was. */
export type ResponseOf<O> = O extends { response: infer Res; responseBody?: infer B; outcomes: infer Out }
  ? HeaderOf<Res> & WithBody<BodyOf<B>> & { readonly outcome: keyof Out }
  : never
