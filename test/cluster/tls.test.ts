import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { PushConsumer } from '../../src/core/consumer/index.ts'
import { ConnectionError } from '../../src/core/errors.ts'
import { type TlsOptions, tcpConnect } from '../../src/core/remoting/index.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { type Cluster, describeCluster, startCluster, unique } from '../support/cluster.ts'

/** Sends three messages and consumes them; all of it, the name server too, over TLS. */
async function roundTrip(cluster: Pick<Cluster, 'namesrv'>, tls: TlsOptions): Promise<string[]> {
  const client = clusterClient(cluster, { connect: tcpConnect({ tls }) })
  const producer = clusterProducer(client)
  const topic = unique('secret')
  const heard: string[] = []
  try {
    for (const body of ['one', 'two', 'three']) await producer.send({ topic, body: Buffer.from(body) })
    await expect.poll(() => client.routes.refresh(topic)).toBeDefined()
    const consumer = new PushConsumer(client, {
      group: unique('g'),
      subscriptions: [{ topic }],
      consumeFromWhere: { from: 'first' },
      listener: (messages) => {
        heard.push(...messages.map((message) => message.body.toString()))
        return 'CONSUME_SUCCESS'
      },
    })
    await consumer.start()
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(3)
    await consumer.close()
  } finally {
    await client.close()
  }
  return heard.sort()
}

describeCluster('TLS in the test mode brokers are shipped with', (cluster) => {
  test('works when the certificate is not looked at', async () => {
    expect(await roundTrip(cluster, { insecure: true })).toEqual(['one', 'three', 'two'])
  })

  test('is refused by default: nobody signed the certificate', async () => {
    const client = clusterClient(cluster, { connect: tcpConnect({ tls: {} }) })

    await expect(client.routes.get('TBW102')).rejects.toThrow(/certificate/)
    await client.close()
  })
})

const clusters = inject('clusters')
const versions = typeof clusters === 'object' ? clusters.map(({ version }) => version) : []

for (const version of versions) {
  describe.skipIf(!hasOpenssl())(`TLS with certificates of one's own, Apache RocketMQ ${version}`, () => {
    let certificates: Certificates
    let cluster: Cluster

    beforeAll(async () => {
      certificates = makeCertificates()
      const { server, ca } = certificates
      const before = process.env['JAVA_TOOL_OPTIONS']
      process.env['JAVA_TOOL_OPTIONS'] = [
        '-Dtls.test.mode.enable=false',
        `-Dtls.server.certPath=${server.cert}`,
        `-Dtls.server.keyPath=${server.key}`,
        '-Dtls.server.need.client.auth=require',
        '-Dtls.server.authClient=true',
        `-Dtls.server.trustCertPath=${ca.cert}`,
      ].join(' ')
      try {
        cluster = await startCluster({ version })
      } finally {
        if (before === undefined) delete process.env['JAVA_TOOL_OPTIONS']
        else process.env['JAVA_TOOL_OPTIONS'] = before
      }
    })

    afterAll(async () => {
      await cluster.stop()
      certificates.remove()
    })

    const tls = (): TlsOptions => {
      const { ca, client } = certificates
      return { caFile: ca.cert, certFile: client.cert, keyFile: client.key }
    }

    test('works with the authority that signed the server’s and a certificate for the client', async () => {
      expect(await roundTrip(cluster, tls())).toEqual(['one', 'three', 'two'])
    })

    test.each<[string, (right: TlsOptions) => TlsOptions]>([
      ['an authority that signed nothing of this', (right) => ({ ...right, caFile: certificates.stranger.cert })],
      ['no certificate of the client', ({ caFile }) => ({ caFile })],
    ])('is refused with %s', async (_what, wrong) => {
      const client = clusterClient(cluster, { connect: tcpConnect({ tls: wrong(tls()) }) })

      await expect(client.routes.get('TBW102')).rejects.toBeInstanceOf(ConnectionError)
      await client.close()
    })
  })
}
