import { describe, expect, test } from 'vitest'
import { BrokerResponseError } from '../../src/core/errors.ts'

const response = { address: 'b:1', operation: 'sendMessageV2', responseCode: 1, responseName: 'SYSTEM_ERROR (1)' }

describe('what a broker says about a refusal', () => {
  test.each([
    [
      'an exception of Java, without packages and source lines',
      'org.apache.rocketmq.acl.common.AclException: No accessKey is configured, org.apache.rocketmq.acl.plain.PlainPermissionManager.validate(PlainPermissionManager.java:663)',
      'AclException: No accessKey is configured',
    ],
    ['its first line only', 'the queue is full\n  at java.base/x\r\n', 'the queue is full'],
    [
      'a sentence, as it is',
      'topic[x.y.z] not exist, apply first please!',
      'topic[x.y.z] not exist, apply first please!',
    ],
    ['an address, as it is', 'broker 10.0.0.5:10911: no', 'broker 10.0.0.5:10911: no'],
  ])('is told: %s', (_name, remark, told) => {
    const error = new BrokerResponseError({ ...response, remark })

    expect(error.message).toBe(`b:1 refused sendMessageV2 with SYSTEM_ERROR (1): ${told}`)
    expect(error.remark).toBe(remark)
  })

  test('may be nothing', () => {
    expect(new BrokerResponseError({ ...response, remark: undefined }).message).toBe(
      'b:1 refused sendMessageV2 with SYSTEM_ERROR (1)',
    )
  })
})
