// Sends ten orders of two customers; those of one customer stay in order: node examples/produce.mjs NAMESRV TOPIC
import { createClient, Producer } from 'mq'

const [nameServers = '127.0.0.1:9876', topic = 'orders'] = process.argv.slice(2)
const client = createClient({ nameServers })
const producer = new Producer(client)
try {
  for (let number = 1; number <= 10; number++) {
    const customer = number % 2 === 0 ? 'ada' : 'bob'
    const order = {
      topic,
      body: Buffer.from(JSON.stringify({ number, customer })),
      keys: [`order-${number}`],
      shardingKey: customer,
    }
    const { queue, queueOffset } = await producer.send(order)
    console.log(`sent order ${number} to ${queue.brokerName}:${queue.queueId} at ${queueOffset}`)
  }
} finally {
  await producer.close()
  await client.close()
}
