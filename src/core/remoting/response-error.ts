import { AuthorizationError, BrokerResponseError } from '../errors.ts'
import { type RemotingCommand, ResponseCode, responseName } from '../protocol/index.ts'

/** The error for a response code that is not an outcome of its operation. */
export function responseError(address: string, operation: string, response: RemotingCommand): BrokerResponseError {
  const { code, remark } = response
  const parts = { address, operation, responseCode: code, responseName: responseName(code), remark }
  return isRefusal(response) ? new AuthorizationError(parts) : new BrokerResponseError(parts)
}

/** The class Java's ACL 1.0 throws: its name in the remark of a SYSTEM_ERROR is all that tells a refusal from a fault. */
const ACL_1_MARK = 'AclException'

/** ACL 2.0 and the permission bits of topics and brokers have a code of their own. */
function isRefusal({ code, remark }: RemotingCommand): boolean {
  if (code === ResponseCode.NO_PERMISSION) return true
  return code === ResponseCode.SYSTEM_ERROR && remark?.includes(ACL_1_MARK) === true
}
