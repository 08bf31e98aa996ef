import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { memoryBroker, mq } from '../support/mq.ts'

let broker: EmbeddedBroker
beforeAll(async () => {
  broker = await memoryBroker()
})
afterAll(() => broker.close())

test('--debug ends with what each broker was asked and how long it took, and without a secret', async () => {
  const signed = ['--access-key', 'ops'] as const
  const env = { MQ_SECRET_KEY: 's3cret' }
  const listed = await mq(['topics', 'list', '--json', '-n', broker.address, '--debug', ...signed], { env })
  const quiet = await mq(['topics', 'list', '--json', '-n', broker.address])

  expect(listed.stderr).toMatch(/\nrequests to 127\.0\.0\.1:\d+: 3\n {2}106 getBrokerClusterInfo ×1: [\d.]+ ms\n/)
  expect(listed.stderr).toMatch(/\n {2}21 getAllTopicConfig ×1: [\d.]+ ms\n/)
  expect(listed.stderr).not.toContain('s3cret')
  expect(JSON.parse(listed.stdout)).toMatchObject({ partial: false })
  expect(quiet.stderr).toBe('')
})

test('--debug tells what was asked also when the command fails', async () => {
  const { stderr, code } = await mq(['groups', 'show', '-g', 'nobody', '-n', broker.address, '--debug'])

  expect(stderr).toMatch(/ {2}203 getConsumerConnectionList ×1: [\d.]+ ms\n[^]*error: no such group: nobody\n/)
  expect(code).toBe(7)
})
