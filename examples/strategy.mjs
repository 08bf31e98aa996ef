// An allocation strategy of one's own: all queues of a topic to the member whose id sorts first, the others stand by.
//   mq consume orders -g billing --strategy ./examples/strategy.mjs
export default {
  name: 'FIRST',
  allocate: ({ clientId, queues, clientIds }) => (clientId === clientIds[0] ? queues : []),
}
