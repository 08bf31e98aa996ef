import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import type { ClientInstance } from '../../src/core/client/index.ts'
import { SendMessageBack } from '../../src/core/consumer/consume/send-message-back.ts'
import { PushConsumer } from '../../src/core/consumer/index.ts'
import { AuthorizationError } from '../../src/core/errors.ts'
import { type Credentials, type MessageExt, retryTopic } from '../../src/core/protocol/index.ts'
import { systemClock } from '../../src/core/support/index.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { type Cluster, startCluster, unique } from '../support/cluster.ts'
import { message } from '../support/messages.ts'

const admin = { accessKey: 'administrator', secretKey: 'the-secret-of-admin' }

/** ACL 1.0 reads its accounts from a file, 2.0 begins with one user who may do everything. */
const kinds = [
  { name: 'ACL 1.0', version: '4.9.7', settings: { aclEnable: 'true' } },
  {
    name: 'ACL 2.0',
    version: '5.5.0',
    settings: {
      authenticationEnabled: 'true',
      authenticationProvider: 'org.apache.rocketmq.auth.authentication.provider.DefaultAuthenticationProvider',
      authenticationMetadataProvider:
        'org.apache.rocketmq.auth.authentication.provider.LocalAuthenticationMetadataProvider',
      initAuthenticationUser: JSON.stringify({ username: admin.accessKey, password: admin.secretKey }),
      innerClientAuthenticationCredentials: JSON.stringify(admin),
      authorizationEnabled: 'true',
      authorizationProvider: 'org.apache.rocketmq.auth.authorization.provider.DefaultAuthorizationProvider',
      authorizationMetadataProvider:
        'org.apache.rocketmq.auth.authorization.provider.LocalAuthorizationMetadataProvider',
    },
  },
] as const

const accounts = `
globalWhiteRemoteAddresses: []
accounts:
- accessKey: ${admin.accessKey}
  secretKey: ${admin.secretKey}
  admin: true
- accessKey: restricted
  secretKey: the-secret-of-restricted
  admin: false
  defaultTopicPerm: DENY
  defaultGroupPerm: DENY
  topicPerms:
  - readonly=SUB
`

const versions = process.env['MQ_CLUSTER']?.split(',').map((version) => version.trim())
const runs = typeof inject('clusters') === 'object'

for (const { name, version, settings } of kinds) {
  describe.skipIf(!runs || versions?.includes(version) === false)(`${name}, Apache RocketMQ ${version}`, () => {
    let directory: string
    let cluster: Cluster
    const clients: ClientInstance[] = []

    beforeAll(async () => {
      directory = await mkdtemp(path.join(os.tmpdir(), 'mq-acl-'))
      await mkdir(path.join(directory, 'conf'))
      await writeFile(path.join(directory, 'conf', 'plain_acl.yml'), accounts)
      cluster = await startCluster({ version, directory, settings })
    })

    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.close()))
    })

    afterAll(async () => {
      await cluster.stop()
      await rm(directory, { recursive: true, force: true })
    })

    const clientOf = (credentials: Credentials | undefined): ClientInstance => {
      const client = clusterClient(cluster, { credentials })
      clients.push(client)
      return client
    }

    test('signed messages are stored and consumed, retried ones too', async () => {
      const topic = unique('orders')
      const client = clientOf(admin)
      const producer = clusterProducer(clientOf(admin))
      await producer.send({ topic, body: Buffer.from('größe'), keys: ['k'], properties: new Map([['a', 'ü']]) })
      await producer.sendBatch([{ topic, body: Buffer.from('two') }])
      const heard: MessageExt[] = []
      const consumer = new PushConsumer(client, {
        group: unique('g'),
        subscriptions: [{ topic }],
        consumeFromWhere: { from: 'first' },
        listener: (messages, context) => {
          heard.push(...messages)
          context.delayLevelWhenNextConsume = 1
          return heard.length <= 2 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'
        },
      })

      await consumer.start()
      await expect.poll(() => heard.length, { timeout: 60_000 }).toBe(4)

      expect(heard.map((received) => received.reconsumeTimes)).toEqual([0, 0, 1, 1])
      await consumer.close()
    })

    test('a copy for the retry topic passes as one of the consumer group', async () => {
      const topic = unique('orders')
      const group = unique('g')
      const client = clientOf(admin)
      await clusterProducer(client).send({ topic, body: Buffer.from('x') })
      const consumer = new PushConsumer(client, {
        group,
        subscriptions: [{ topic }],
        listener: () => 'CONSUME_SUCCESS',
      })
      await consumer.start()
      await client.routes.refresh(retryTopic(group))
      const { remoting, routes } = client
      const said: string[] = []
      const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => said.push(text) }
      const sendBack = new SendMessageBack({
        group,
        remoting,
        logger,
        maxReconsumeTimes: 16,
        masterOf: (brokerName) => Promise.resolve(routes.masterOf(brokerName)),
        publishQueuesOf: async (wanted) => (await routes.get(wanted))?.publishQueues ?? [],
        now: () => systemClock.now(),
      })

      // No record begins at its commit-log offset: the broker cannot take it back, so that a copy is sent.
      await sendBack.send(message({ topic, body: 'x', commitLogOffset: 3n }), 1)

      expect(said).toEqual([expect.stringContaining('sending a copy')])
      await consumer.close()
    })

    const wrong = [
      ['a wrong secret', { ...admin, secretKey: 'not-the-secret-of-admin' }],
      ['an unknown access key', { accessKey: 'nobody-knows', secretKey: 'the-secret-of-admin' }],
      ['no credentials', undefined],
    ] as const

    test.each(wrong)(
      '%s is refused to producers, consumers and whoever asks for offsets',
      async (_what, credentials) => {
        const topic = unique('orders')
        await clusterProducer(clientOf(admin)).send({ topic, body: Buffer.from('x') })
        const client = clientOf(credentials)
        const failures: unknown[] = []
        const note = (error: unknown): void => {
          failures.push(error)
        }

        await clusterProducer(client)
          .send({ topic, body: Buffer.from('x') })
          .catch(note)
        await expect.poll(() => client.routes.refresh(topic)).toBeDefined()
        await client.queueOffsets.max({ topic, brokerName: 'broker-a', queueId: 0 }).catch(note)
        const subscriptions = [{ topic }]
        const consumer = new PushConsumer(client, {
          group: unique('g'),
          subscriptions,
          listener: () => 'CONSUME_SUCCESS',
        })
        await consumer.start().catch(note)
        await consumer.close()

        expect(failures).toHaveLength(3)
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(AuthorizationError)
          expect((failure as Error).message).not.toContain('secret-of-admin')
        }
      },
    )

    test.runIf(version === '4.9.7')('rights that are missing are refused by name', async () => {
      const restricted = { accessKey: 'restricted', secretKey: 'the-secret-of-restricted' }
      await clusterProducer(clientOf(admin)).send({ topic: 'readonly', body: Buffer.from('x') })

      const sending = clusterProducer(clientOf(restricted)).send({ topic: 'readonly', body: Buffer.from('x') })

      await expect(sending).rejects.toBeInstanceOf(AuthorizationError)
      await expect(sending).rejects.toThrow(/readonly/)
    })
  })
}
