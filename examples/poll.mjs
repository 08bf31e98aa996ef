// Polls a topic and commits by hand, until COUNT messages were had: node examples/poll.mjs NAMESRV TOPIC COUNT
import { createClient, LitePullConsumer } from 'mq'

const [nameServers = '127.0.0.1:9876', topic = 'orders', count = '10'] = process.argv.slice(2)
const client = createClient({ nameServers })
const consumer = new LitePullConsumer(client, {
  group: 'polling',
  autoCommit: false,
  consumeFromWhere: { from: 'first' },
})
try {
  consumer.subscribe({ topic })
  await consumer.start()
  for (let left = Number(count); left > 0; ) {
    const messages = await consumer.poll()
    for (const message of messages) console.log(`${message.queueId}@${message.queueOffset} ${message.body.toString()}`)
    left -= messages.length
    await consumer.commit()
  }
} finally {
  await consumer.close()
  await client.close()
}
