import { describe, expect, it } from 'vitest'
import { SendMessageBack } from '../../../../src/core/consumer/consume/send-message-back.ts'
import { ConnectionError, TimeoutError } from '../../../../src/core/errors.ts'
import { decodeProperties, MessageSysFlag } from '../../../../src/core/protocol/index.ts'
import type { RemotingClient } from '../../../../src/core/remoting/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { message } from '../../../support/messages.ts'
import { EPOCH_MS } from '../../../support/virtual-clock.ts'

interface Sent {
  readonly address: string
  readonly name: string
  readonly request: Readonly<Record<string, unknown>>
}

function setUp(
  options: { readonly fails?: (name: string) => Error | undefined; readonly brokers?: readonly string[] } = {},
) {
  const sent: Sent[] = []
  const brokers = options.brokers ?? ['a', 'b', 'c']
  const sendBack = new SendMessageBack({
    group: 'g',
    logger: silentLogger,
    maxReconsumeTimes: 3,
    remoting: {
      invoke: async (address: string, name: string, request: unknown) => {
        sent.push({ address, name, request: request as Record<string, unknown> })
        const failure = options.fails?.(name)
        if (failure) throw failure
        return { outcome: 'OK' }
      },
    } as unknown as RemotingClient,
    masterOf: async (brokerName) => (brokers.includes(brokerName.slice(-1)) ? `${brokerName.slice(-1)}:1` : undefined),
    publishQueuesOf: async (topic) => brokers.map((name) => ({ topic, brokerName: `broker-${name}`, queueId: 0 })),
    now: () => EPOCH_MS,
  })
  return { sendBack, sent }
}

const refusesToTakeBack = (name: string) =>
  name === 'consumerSendMsgBack' ? new TimeoutError('a:1', name, 5000) : undefined
const propertiesOf = (sent: Sent | undefined) => decodeProperties(String(sent?.request['properties']))

describe('SendMessageBack', () => {
  it('asks the broker that has the message to keep it for later', async () => {
    const { sendBack, sent } = setUp()

    await sendBack.send(message({ brokerName: 'broker-b', properties: { UNIQ_KEY: 'ID1' } }), 4)

    expect(sent).toEqual([
      {
        address: 'b:1',
        name: 'consumerSendMsgBack',
        request: {
          offset: 4096n,
          group: 'g',
          delayLevel: 4,
          originMsgId: 'ID1',
          originTopic: 'orders',
          unitMode: false,
          maxReconsumeTimes: 3,
          bname: 'broker-b',
        },
      },
    ])
  })

  it('says of a retried message where it came from, and asks the broker of the retry queue', async () => {
    const { sendBack, sent } = setUp()
    const retried = message({ topic: '%RETRY%g', reconsumeTimes: 1 })
    retried.topic = 'orders'

    await sendBack.send(retried, 0)

    expect(sent[0]?.request).toMatchObject({ originTopic: 'orders', delayLevel: 0 })
  })

  it.each([
    ['does not answer', setUp({ fails: refusesToTakeBack })],
    ['has no master', setUp({ brokers: ['b', 'c'] })],
  ])('sends a copy to the retry topic when that broker %s', async (_, { sendBack, sent }) => {
    await sendBack.send(message({ body: 'hello', properties: { KEYS: 'k' } }), 0)

    const copy = sent.find(({ name }) => name === 'sendMessageV2')
    expect(copy?.request).toMatchObject({ topic: '%RETRY%g', producerGroup: 'g', body: Buffer.from('hello') })
  })

  it('sends copies to the other brokers in turn', async () => {
    const { sendBack, sent } = setUp({ fails: refusesToTakeBack })

    for (let i = 0; i < 4; i++) await sendBack.send(message(), 0)

    const copies = sent.filter(({ name }) => name === 'sendMessageV2')
    expect(copies.map(({ address }) => address)).toEqual(['b:1', 'c:1', 'b:1', 'c:1'])
  })

  it('sends the copy to the same broker when there is no other', async () => {
    const { sendBack, sent } = setUp({ fails: refusesToTakeBack, brokers: ['a'] })

    await sendBack.send(message(), 0)

    expect(sent.map(({ address }) => address)).toEqual(['a:1', 'a:1'])
  })

  it('fails when there is no broker at all', async () => {
    const { sendBack } = setUp({ brokers: [] })

    await expect(sendBack.send(message(), 0)).rejects.toThrow('nobody takes messages for %RETRY%g')
  })

  it('gives the copy the next retry, its delay and its origin, and leaves out what belongs to the pull', async () => {
    const { sendBack, sent } = setUp({ fails: refusesToTakeBack })
    const original = message({
      reconsumeTimes: 2,
      properties: {
        KEYS: 'k',
        UNIQ_KEY: 'ID1',
        MIN_OFFSET: '0',
        MAX_OFFSET: '9',
        CONSUME_START_TIME: '1',
        TRAN_MSG: 'true',
        DELAY: '4',
      },
    })

    await sendBack.send(original, 0)

    expect(sent[1]?.request).toMatchObject({ reconsumeTimes: 3, maxReconsumeTimes: 3, sysFlag: 0 })
    expect(Object.fromEntries(propertiesOf(sent[1]))).toEqual({
      KEYS: 'k',
      UNIQ_KEY: 'ID1',
      DELAY: '5',
      RETRY_TOPIC: 'orders',
      ORIGIN_MESSAGE_ID: 'ID1',
    })
    expect(original.getProperty('DELAY')).toBe('4')
  })

  it('keeps the origin of a message that was copied before, and the level the listener chose', async () => {
    const { sendBack, sent } = setUp({ fails: refusesToTakeBack })

    await sendBack.send(message({ properties: { UNIQ_KEY: 'ID2', ORIGIN_MESSAGE_ID: 'ID1' } }), 9)

    expect(propertiesOf(sent[1]).get('ORIGIN_MESSAGE_ID')).toBe('ID1')
    expect(propertiesOf(sent[1]).get('DELAY')).toBe('9')
  })

  it.each([
    ['was retried often enough', 3, 0],
    ['is not to be retried', 0, -1],
  ])(
    'sends the copy of a message that %s past the maximum and without a delay: to the DLQ',
    async (_, times, level) => {
      const { sendBack, sent } = setUp({ fails: refusesToTakeBack })

      await sendBack.send(message({ reconsumeTimes: times }), level)

      expect(sent[1]?.request).toMatchObject({ reconsumeTimes: 4, maxReconsumeTimes: 3 })
      expect(propertiesOf(sent[1]).has('DELAY')).toBe(false)
    },
  )

  it('copies a compressed body as it is stored, so that one nobody can read gets through too', async () => {
    const { sendBack, sent } = setUp({ fails: refusesToTakeBack })
    const sysFlag = MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_ZSTD

    await sendBack.send(message({ body: 'not zstd at all', sysFlag: sysFlag | MessageSysFlag.MULTI_TAGS }), 0)

    expect(sent[1]?.request).toMatchObject({ body: Buffer.from('not zstd at all'), sysFlag })
  })

  it('fails when nobody takes the copy either: the message is still ours', async () => {
    const { sendBack, sent } = setUp({ fails: (name) => new ConnectionError('a:1', `${name} failed`) })

    await expect(sendBack.send(message(), 0)).rejects.toThrow('sendMessageV2 failed')
    expect(sent).toHaveLength(2)
  })

  it('does not hide a fault of its own behind a copy', async () => {
    const { sendBack, sent } = setUp({ fails: () => new TypeError('a fault') })

    await expect(sendBack.send(message(), 0)).rejects.toThrow(TypeError)
    expect(sent).toHaveLength(1)
  })
})
