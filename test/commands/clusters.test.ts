import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { memoryBroker, mq } from '../support/mq.ts'

let broker: EmbeddedBroker

beforeAll(async () => {
  broker = await memoryBroker()
})
afterAll(() => broker.close())

test('clusters show tells each broker with its address, version and messages', async () => {
  await mq(['produce', 'orders', '--body', 'x', '--count', '7', '-n', broker.address])
  const { code, stdout } = await mq(['clusters', 'show', '--json', '-n', broker.address])

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    brokers: [
      {
        cluster: 'DefaultCluster',
        broker: 'broker-a',
        brokerId: 0,
        role: 'master',
        address: broker.address,
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
        inToday: 7,
        outToday: 0,
      },
    ],
  })
})

test('clusters show as a table', async () => {
  const { stdout } = await mq(['clusters', 'show', '-o', 'table', '-n', broker.address])
  const [head = '', row = ''] = stdout.split('\n')

  expect(head).toMatch(/^CLUSTER +BROKER +ROLE +ADDRESS +VERSION +IN\/S +OUT\/S +IN-TODAY +DISK$/)
  expect(row).toMatch(new RegExp(`^DefaultCluster +broker-a +master +${broker.address} `))
})
