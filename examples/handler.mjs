// A handler for the command line: mq consume orders -g billing --handler ./examples/handler.mjs
// Nothing returned is success, what is thrown is a failure; 'retry', 'dlq', 'suspend' and { ackIndex } say more.
export default async function bill(messages) {
  for (const message of messages) {
    const order = JSON.parse(message.body.toString())
    if (order.customer === undefined) return 'dlq'
    console.log(`billed order ${order.number} to ${order.customer}`)
  }
}
