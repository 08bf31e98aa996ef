// Consumes a topic as a member of a group until it has had COUNT messages: node examples/consume.mjs NAMESRV TOPIC COUNT
import { createClient, PushConsumer } from 'mq'

const [nameServers = '127.0.0.1:9876', topic = 'orders', count = '10'] = process.argv.slice(2)
const client = createClient({ nameServers })
let left = Number(count)

await new Promise((resolve, reject) => {
  const consumer = new PushConsumer(client, {
    group: 'examples',
    subscriptions: [{ topic }],
    consumeFromWhere: { from: 'first' },
    concurrency: 4,
    listener: (messages) => {
      for (const message of messages) {
        console.log(`${message.keys.join(' ')} ${message.body.toString()}`)
        left -= 1
      }
      if (left === 0) consumer.close().then(resolve, reject)
      return 'CONSUME_SUCCESS'
    },
  })
  consumer.start().catch(reject)
})
await client.close()
