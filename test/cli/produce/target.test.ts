import { expect, test } from 'vitest'
import type { CommandContext } from '../../../src/cli/command-context.ts'
import { startDeadline } from '../../../src/cli/command-context.ts'
import type { Connection } from '../../../src/cli/connect.ts'
import { checkTarget } from '../../../src/cli/produce/target.ts'
import { ConnectionError, NotFoundError } from '../../../src/core/errors.ts'
import { silentLogger } from '../../../src/core/support/index.ts'
import { FakeCluster } from '../../support/fake-cluster.ts'
import { tellClusters } from '../../support/fake-topics.ts'

function target(cluster: FakeCluster): { check: (topic: string) => Promise<void>; said: string[] } {
  const said: string[] = []
  const client = cluster.client()
  const context: CommandContext = {
    clock: cluster.clock,
    logger: silentLogger,
    terminal: { stdin: false, stdout: false, stderr: false, color: false, columns: 80 },
    env: {},
    signal: new AbortController().signal,
    deadline: startDeadline(cluster.clock, undefined),
    debug: false,
    say: (line) => said.push(line),
    status: () => undefined,
  }
  const connection: Connection = {
    client,
    guard: () => Promise.resolve({ context: undefined, protected: false, readOnly: false }),
    nameServers: ['ns:9876'],
    clusterKey: 'ns_9876',
    wireName: (name) => name,
    userName: (name) => name,
    owns: () => true,
    createClient: () => client,
    close: () => Promise.resolve(),
  }
  return { check: (topic) => checkTarget(topic, context, connection), said }
}

test('a topic that exists is not spoken of', async () => {
  const cluster = new FakeCluster()
  cluster.place('orders', 'a')
  const { check, said } = target(cluster)

  await check('orders')

  expect(said).toEqual([])
})

test('a topic the cluster is going to make is announced, with one that is like it', async () => {
  const cluster = new FakeCluster()
  tellClusters(cluster.nameServer, { c: ['a'] }, ['orders'])
  cluster.place('TBW102', 'a')
  const { check, said } = target(cluster)

  await check('ordres')
  await check('zebra')

  expect(said).toEqual([
    'there is no topic ordres yet (did you mean orders?): the cluster creates it with the first message',
    'there is no topic zebra yet: the cluster creates it with the first message',
  ])
})

test('where topics are not made on demand it is refused, with one that is like it', async () => {
  const cluster = new FakeCluster()
  tellClusters(cluster.nameServer, { c: ['a'] }, ['orders'])
  const { check } = target(cluster)

  const error = await check('ordres').catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(NotFoundError)
  expect(error).toMatchObject({
    message: 'there is no topic ordres, and the cluster does not create topics on demand',
    suggestions: ['did you mean orders?', 'create it: mq topics create ordres'],
  })
})

test('a name server that does not list topics keeps nobody from being told', async () => {
  const { check } = target(new FakeCluster())

  await expect(check('ordres')).rejects.toThrow(NotFoundError)
})

test('a name server that is not there is another matter', async () => {
  const cluster = new FakeCluster()
  cluster.network.shut('ns:9876')

  await expect(target(cluster).check('orders')).rejects.toThrow(ConnectionError)
})
