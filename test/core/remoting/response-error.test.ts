import { describe, expect, it } from 'vitest'
import { AuthorizationError, BrokerResponseError } from '../../../src/core/errors.ts'
import { command } from '../../../src/core/protocol/index.ts'
import { responseError } from '../../../src/core/remoting/response-error.ts'

const address = '127.0.0.1:10911'

function errorOf(code: number, remark?: string): BrokerResponseError {
  return responseError(address, 'sendMessageV2', command({ code, opaque: 1, remark }))
}

describe('the error of an undeclared response code', () => {
  it('names the peer, the request, the code and the first line of the remark', () => {
    const error = errorOf(1, 'java.lang.NullPointerException\n\tat Some.java:1')

    expect(error.message).toBe(
      '127.0.0.1:10911 refused sendMessageV2 with SYSTEM_ERROR (1): java.lang.NullPointerException',
    )
    expect(error.code).toBe('RESPONSE')
    expect(error).not.toBeInstanceOf(AuthorizationError)
  })

  it.each([
    [16, 'check signature failed.'],
    [16, undefined],
    [1, 'org.apache.rocketmq.acl.common.AclException: No accessKey is configured, org.apache.rocketmq.acl.plain'],
  ])('is an authorization error for a refusal of ACL 1.0 and 2.0 (code %i)', (code, remark) => {
    const error = errorOf(code, remark)

    expect(error).toBeInstanceOf(AuthorizationError)
    expect(error).toBeInstanceOf(BrokerResponseError)
    expect(error.code).toBe('UNAUTHORIZED')
    expect(error.responseCode).toBe(code)
    expect(error.suggestions).toHaveLength(1)
  })

  it('is no authorization error when another code mentions the exception', () => {
    expect(errorOf(17, 'no topic AclException')).not.toBeInstanceOf(AuthorizationError)
  })
})
