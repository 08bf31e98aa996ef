import { createHmac } from 'node:crypto'
import { compareText } from './message/message-queue.ts'

/** Who a client says it is. The secret never leaves this process. */
export interface Credentials {
  readonly accessKey: string
  readonly secretKey: string
  readonly securityToken?: string | undefined
}

const SIGNATURE = 'Signature'
/** Brokers leave this field out when they verify a request whose version is at most 399, as ours is. */
const UNSIGNED_FIELD = '_UNIQUE_KEY_QUERY'

/**
 * Adds `AccessKey`, `SecurityToken` and `Signature` to the fields of a request (`AclClientRPCHook.java`; the same for
 * ACL 1.0 and 2.0): Base64 of HMAC-SHA1 over all values in the order of their names, then the body. Sign last: a field
 * added afterwards breaks it.
 */
export function signRequest(fields: Map<string, string>, body: Buffer, credentials: Credentials): void {
  fields.set('AccessKey', credentials.accessKey)
  if (credentials.securityToken !== undefined) fields.set('SecurityToken', credentials.securityToken)
  const hmac = createHmac('sha1', credentials.secretKey)
  const names = [...fields.keys()].filter((name) => name !== SIGNATURE && name !== UNSIGNED_FIELD).sort(compareText)
  for (const name of names) hmac.update(fields.get(name) ?? '', 'utf8')
  fields.set(SIGNATURE, hmac.update(body).digest('base64'))
}
