import { ClientInstance, clientId, localIp } from '../src/core/client/index.ts'
import { Producer, selectQueue } from '../src/core/producer/index.ts'
import { tcpConnect } from '../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../src/core/support/index.ts'

/** What to fill a topic with. */
export interface Filling {
  readonly namesrv: string
  readonly topic: string
  readonly count: number
  /** Bytes of each body. */
  readonly size: number
  readonly queues: number
}

const BATCH = 100
const SENDERS = 16

/** Creates the topic and fills its queues evenly. `count` must be a multiple of 100 × queues. */
export async function fill({ namesrv, topic, count, size, queues }: Filling): Promise<void> {
  const client = new ClientInstance({
    nameServers: [namesrv],
    clientId: clientId({ ip: localIp(), pid: process.pid, unique: 'fill' }),
    connect: tcpConnect(),
    clock: systemClock,
    logger: silentLogger,
  })
  const { body: cluster } = await client.nameServer.invoke('getBrokerClusterInfo', {})
  const broker = [...cluster.brokerAddrTable.values()][0]
  const master = broker?.brokerAddrs.get(0)
  if (broker === undefined || master === undefined) throw new Error('the cluster has no broker')
  await client.remoting.invoke(master, 'updateAndCreateTopic', {
    topic,
    defaultTopic: 'TBW102',
    readQueueNums: queues,
    writeQueueNums: queues,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
  })
  while ((await client.routes.refresh(topic)) === undefined) await systemClock.sleep(100)
  const producer = new Producer(client, {
    origin: { ip: localIp(), pid: process.pid, instance: 1 },
    sendTimeoutMs: 30_000,
  })
  const body = Buffer.alloc(size, 'x')
  const messages = Array.from({ length: BATCH }, (_, i) => ({ topic, body, keys: [`k${i}`], tags: 'TagA' }))
  let batches = 0
  const send = async (): Promise<void> => {
    while (batches * BATCH < count) {
      const queueId = batches++ % queues
      await producer.sendBatch(messages, { selector: selectQueue(broker.brokerName, queueId) })
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  await producer.close()
  await client.close()
}
