// Drains a topic with ali-ons: node drain.mjs NAMESRV TOPIC GROUP COUNT. Prints {"messages","millis"} when done.
import ons from 'ali-ons'
import urllib from 'urllib'

const [nameSrv, topic, consumerGroup, count] = process.argv.slice(2)
const silent = { info() {}, warn() {}, error() {}, debug() {} }
const started = performance.now()
let messages = 0
const consumer = new ons.Consumer({
  httpclient: urllib,
  nameSrv,
  consumerGroup,
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  logger: silent,
})
consumer.subscribe(topic, '*', async () => {
  messages += 1
  if (messages !== Number(count)) return
  process.stdout.write(`${JSON.stringify({ messages, millis: performance.now() - started })}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
