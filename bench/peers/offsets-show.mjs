// What `mq offsets show -g GROUP -o json` asks, and nothing else: node offsets-show.mjs NAMESRV GROUP. The same requests in
// the same rounds over bare sockets, with only so much read of the answers as the next round needs. Prints a line of JSON:
// the queues, and how often each code was asked.
import net from 'node:net'

const [namesrv, group] = process.argv.slice(2)
const asked = {}
const peers = new Map()
let opaque = 0

/** Sends a request over the only connection to a peer; resolves with the code and the text of the answer. */
function ask(address, code, extFields = {}) {
  asked[code] = (asked[code] ?? 0) + 1
  const peer = peers.get(address) ?? connect(address)
  opaque += 1
  const fields = { code, language: 'OTHER', version: 493, opaque, flag: 0, serializeTypeCurrentRPC: 'JSON', extFields }
  const header = Buffer.from(JSON.stringify(fields))
  const prefix = Buffer.alloc(8)
  prefix.writeInt32BE(4 + header.length, 0)
  prefix.writeInt32BE(header.length, 4)
  peer.socket.write(Buffer.concat([prefix, header]))
  return new Promise((resolve) => peer.waiting.set(opaque, resolve))
}

function connect(address) {
  const [host, port] = address.split(':')
  const peer = { socket: net.connect(Number(port), host).setNoDelay(), waiting: new Map() }
  peers.set(address, peer)
  let buffer = Buffer.alloc(0)
  peer.socket.on('data', (chunk) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readInt32BE(0)) {
      const end = 4 + buffer.readInt32BE(0)
      const headerEnd = 8 + (buffer.readInt32BE(4) & 0xffffff)
      const { code, opaque: id, version } = JSON.parse(buffer.toString('utf8', 8, headerEnd))
      peer.version = version
      peer.waiting.get(id)?.({ code, body: buffer.toString('utf8', headerEnd, end) })
      buffer = buffer.subarray(end)
    }
  })
  return peer
}

const all = (text, pattern) => [...text.matchAll(pattern)]

const { body: brokers } = await ask(namesrv, 106)
const masters = all(brokers, /"brokerAddrs":\{"?0"?:"([^"]+)"[^}]*\}(?:,"brokerName":"([^"]+)")/g).map(
  ([, address, name]) => ({ address, name }),
)
const told = await Promise.all(
  masters.map(async (master) => {
    const [stats, members] = await Promise.all([
      ask(master.address, 208, { consumerGroup: group }),
      ask(master.address, 203, { consumerGroup: group }),
    ])
    const queues = all(
      stats.body,
      /"queueId":(\d+),"topic":"([^"]+)"\}:\{"brokerOffset":(-?\d+),"consumerOffset":(-?\d+)/g,
    ).map(([, id, topic, max, committed]) => ({
      ...{ topic, broker: master.name, queue: Number(id), max: Number(max), committed: Number(committed) },
    }))
    return { ...master, queues, members: members.code === 0 ? members.body : '' }
  }),
)
const queues = told.flatMap((one) => one.queues)
const subscribed = told.flatMap(({ members }) => all(members, /"topic":"([^"]+)"/g).map(([, topic]) => topic))
const topics = new Set([...queues.map(({ topic }) => topic), ...subscribed, `%RETRY%${group}`, `%DLQ%${group}`])
const clients = new Map(
  told.flatMap(({ address, members }) => all(members, /"clientId":"([^"]+)"/g).map(([, id]) => [id, address])),
)
const [routes] = await Promise.all([
  Promise.all([...topics].map(async (topic) => ({ topic, ...(await ask(namesrv, 105, { topic })) }))),
  Promise.all(
    [...clients].map(([clientId, via]) => ask(via, 307, { consumerGroup: group, clientId, jstackEnable: 'false' })),
  ),
])
const there = routes.filter(({ code }) => code === 0)
await Promise.all(
  told.flatMap(({ name, address, queues: known }) => {
    const here = there.flatMap(({ topic, body }) => {
      const count = all(body, /"brokerName":"([^"]+)","perm":\d+,"readQueueNums":(\d+)/g).find(([, of]) => of === name)
      return count === undefined ? [] : [{ topic, count: Number(count[2]) }]
    })
    const live = here.filter(({ topic }) => !topic.startsWith('%DLQ%'))
    const found = (topic, id) => known.find((one) => one.topic === topic && one.queue === id)
    const unsure = live.flatMap(({ topic, count }) =>
      Array.from({ length: count }, (_, id) => ({ topic, id })).filter(
        ({ id }) => (found(topic, id)?.committed ?? 0) === 0,
      ),
    )
    const behind = new Set(known.filter(({ max, committed }) => max > committed).map(({ topic }) => topic))
    const isOld = peers.get(address).version < 413
    return [
      ...(behind.size === 0 ? [] : [ask(address, 26)]),
      ...(isOld && unsure.length > 0 ? [ask(address, 43)] : []),
      ...(isOld ? [] : unsure).map(({ topic, id }) =>
        ask(address, 14, { consumerGroup: group, topic, queueId: `${id}`, setZeroIfNotFound: 'false' }),
      ),
      ...here.map(({ topic }) => ask(address, 202, { topic })),
      ...[...behind].flatMap((topic) => [
        ask(address, 303, { topic, group }),
        ask(address, 315, { statsName: 'GROUP_GET_NUMS', statsKey: `${topic}@${group}` }),
        ask(address, 315, { statsName: 'TOPIC_PUT_NUMS', statsKey: topic }),
      ]),
    ]
  }),
)
process.stdout.write(`${JSON.stringify({ queues, asked })}\n`)
for (const { socket } of peers.values()) socket.destroy()
