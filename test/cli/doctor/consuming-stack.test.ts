import { expect, test } from 'vitest'
import { consumingStack } from '../../../src/cli/doctor/consuming-stack.ts'

const java = `NettyClientPublicExecutor_1                TID: 31 STATE: WAITING
NettyClientPublicExecutor_1                jdk.internal.misc.Unsafe.park(Native Method)

ConsumeMessageThread_billing_1             TID: 40 STATE: WAITING
ConsumeMessageThread_billing_1             jdk.internal.misc.Unsafe.park(Native Method)
ConsumeMessageThread_billing_1             java.util.concurrent.ThreadPoolExecutor.getTask(ThreadPoolExecutor.java:1062)

ConsumeMessageThread_billing_2             TID: 41 STATE: TIMED_WAITING
ConsumeMessageThread_billing_2             java.lang.Thread.sleep(Native Method)
ConsumeMessageThread_billing_2             com.example.Billing.consumeMessage(Billing.java:42)

`

test('of a Java member those threads are shown that consume and are at work, each name once', () => {
  expect(consumingStack(java)).toBe(
    `ConsumeMessageThread_billing_2 TID: 41 STATE: TIMED_WAITING
    at java.lang.Thread.sleep(Native Method)
    at com.example.Billing.consumeMessage(Billing.java:42)`,
  )
})

test('of a Java member that is idle it says so', () => {
  const idle = java.split('\n\n').slice(0, 2).join('\n\n')

  expect(consumingStack(idle)).toBe('none of its consuming threads is at work')
})

test('of other members all is shown that they tell', () => {
  expect(consumingStack('goroutine 1 [running]:\nmain.main()\n')).toBe('goroutine 1 [running]:\nmain.main()')
})
