// Consumes each queue in order, one message after the other: node examples/orderly.mjs NAMESRV TOPIC COUNT
import { createClient, PushConsumer } from 'mq'

const [nameServers = '127.0.0.1:9876', topic = 'orders', count = '10'] = process.argv.slice(2)
const client = createClient({ nameServers })
let left = Number(count)

await new Promise((resolve, reject) => {
  const consumer = new PushConsumer(client, {
    group: 'ledger',
    subscriptions: [{ topic }],
    consumeFromWhere: { from: 'first' },
    orderlyListener: async ([message], context) => {
      // After a wait the queue may be another member's.
      if (message === undefined || !(await context.confirmLock())) return 'LEAVE_UNFINISHED'
      console.log(`${message.keys.join(' ')} ${message.body.toString()}`)
      left -= 1
      if (left === 0) consumer.close().then(resolve, reject)
      return 'SUCCESS'
    },
  })
  consumer.start().catch(reject)
})
await client.close()
