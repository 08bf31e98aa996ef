// A consumer in a process of its own, to be killed or to end by itself: one line `queue offset reconsumeTimes body` for
// each message, written before it counts as consumed. SIGTERM makes it leave; it never calls exit.
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ClientInstance } from '../../../src/core/client/index.ts'
import {
  type ConsumeConcurrentlyStatus,
  type ConsumeOrderlyStatus,
  PushConsumer,
} from '../../../src/core/consumer/index.ts'
import type { MessageExt } from '../../../src/core/protocol/index.ts'
import { tcpConnect } from '../../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../../src/core/support/index.ts'
import { tell } from './tell.ts'

const { values } = parseArgs({
  options: {
    namesrv: { type: 'string', default: '' },
    topic: { type: 'string', default: '' },
    group: { type: 'string', default: '' },
    /** How long each call takes, in ms; `never`: it does not end. */
    takes: { type: 'string', default: '0' },
    /** How often a message fails before it succeeds. */
    'fail-times': { type: 'string', default: '0' },
    /** In order: only this message fails. */
    'fail-body': { type: 'string' },
    'max-reconsume': { type: 'string', default: '-1' },
    from: { type: 'string', default: 'first' },
    'await-ms': { type: 'string', default: '5000' },
    'persist-ms': { type: 'string', default: '200' },
    /** Consumes in order, one line `ordered time topic queue offset body` for each call; the time is the machine's. */
    orderly: { type: 'boolean', default: false },
    /** How long a lock lives here, in ms; the broker's is twice as long. It is renewed in two thirds of this. */
    'lock-life': { type: 'string', default: '30000' },
    /** How long a popped message is hidden from others, in ms. */
    'invisible-ms': { type: 'string', default: '60000' },
  },
})

const client = new ClientInstance({
  nameServers: [values.namesrv],
  clientId: `127.0.0.1@${process.pid}#${randomUUID()}`,
  connect: tcpConnect(),
  clock: systemClock,
  logger: silentLogger,
})
const consumer = new PushConsumer(client, {
  group: values.group,
  subscriptions: [{ topic: values.topic }],
  consumeFromWhere: { from: values.from === 'last' ? 'last' : 'first' },
  persistConsumerOffsetIntervalMs: Number(values['persist-ms']),
  maxReconsumeTimes: Number(values['max-reconsume']),
  awaitTerminationMs: Number(values['await-ms']),
  lockMaxLiveTimeMs: Number(values['lock-life']),
  lockIntervalMs: (Number(values['lock-life']) * 2) / 3,
  ...(values.orderly ? { orderlyListener: inOrder } : { listener: asTheyCome }),
  popInvisibleTime: Number(values['invisible-ms']),
})

async function inOrder(messages: readonly MessageExt[]): Promise<ConsumeOrderlyStatus> {
  for (const { queueId, queueOffset, topic, body } of messages) {
    const at = Math.round((performance.timeOrigin + performance.now()) * 1000)
    tell(`ordered ${at} ${topic} ${queueId} ${queueOffset} ${body.toString()}`)
  }
  if (Number(values.takes) > 0) await systemClock.sleep(Number(values.takes))
  const fails = messages.some(({ body, reconsumeTimes }) => isFailing(body.toString(), reconsumeTimes))
  return fails ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS'
}

function isFailing(body: string, reconsumeTimes: number): boolean {
  const only = values['fail-body']
  return (only === undefined || body === only) && reconsumeTimes < Number(values['fail-times'])
}

async function asTheyCome(messages: readonly MessageExt[]): Promise<ConsumeConcurrentlyStatus> {
  for (const { queueId, queueOffset, reconsumeTimes, topic, body } of messages) {
    tell(`message ${topic} ${queueId} ${queueOffset} ${reconsumeTimes} ${body.toString()}`)
  }
  if (values.takes === 'never') return new Promise(() => undefined)
  if (Number(values.takes) > 0) await systemClock.sleep(Number(values.takes))
  const fails = messages.some(({ reconsumeTimes }) => reconsumeTimes < Number(values['fail-times']))
  return fails ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'
}

process.once('SIGTERM', () => {
  void consumer
    .close()
    .then(() => client.close())
    .then(() => {
      tell('closed')
    })
})

await consumer.start()
tell('started')
