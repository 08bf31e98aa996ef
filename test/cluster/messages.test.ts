import { expect, test, vi } from 'vitest'
import type { MessageJson } from '../../src/cli/message-json.ts'
import type { TrackItem } from '../../src/cli/messages/track.ts'
import { decodeOffsetMessageId } from '../../src/core/protocol/index.ts'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'
import { type MqResult, mq } from '../support/mq.ts'

describeCluster('mq messages and mq dlq', (cluster) => {
  const at = ['-n', cluster.namesrv]
  const messages = (...args: string[]): Promise<MqResult> => mq(['messages', ...args, ...at])
  const lines = <T>({ stdout }: MqResult): T[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T)

  /** A topic with messages of one key, all within a moment. */
  async function filled(count: number): Promise<string> {
    const topic = unique('messages')
    await createTopic(cluster, topic, 4)
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    const sent = Array.from({ length: count }, (_, i) =>
      producer.send({ topic, body: Buffer.from(String(i)), keys: ['customer-337', `n-${i}`] }),
    )
    await Promise.all(sent)
    await producer.close()
    await client.close()
    return topic
  }

  test('finds all messages with a key, and each by both of its ids and by its place', async () => {
    const topic = await filled(200)
    await vi.waitFor(async () => {
      const all = lines<MessageJson>(await messages('get', topic, '--key', 'customer-337'))
      expect(new Set(all.map(({ body }) => body)).size).toBe(200)
      expect(all).toHaveLength(200)
    }, 30_000)
    const [one] = lines<MessageJson>(await messages('get', topic, '--key', 'n-77'))
    const ids = [one?.msgId, one?.offsetMsgId, `${one?.broker}:${one?.queue}:${one?.offset}`].map((id) => id ?? '')
    const found = await Promise.all(ids.map((id) => messages('get', topic, id)))
    const missing = await messages('get', topic, `${one?.broker}:0:999999`)

    expect(one?.body).toBe('77')
    expect(found.map((result) => lines(result))).toEqual([[one], [one], [one]])
    expect(missing.code).toBe(7)
  })

  test('follows a message through retries to the dead letters', async () => {
    const [topic, group] = [await filled(3), unique('group')]
    const client = clusterClient(cluster)
    const [message] = lines<MessageJson>(await messages('peek', topic, '-m', '1'))
    const committed = { consumerGroup: group, topic, queueId: message?.queue ?? 0, commitOffset: 1 }
    const master = cluster.brokerAddress
    const sendBack = (id: string, delayLevel: number) =>
      client.remoting.invoke(master, 'consumerSendMsgBack', {
        offset: decodeOffsetMessageId(id).commitLogOffset,
        group,
        delayLevel,
        originTopic: topic,
        maxReconsumeTimes: 16,
      })
    const track = async (): Promise<TrackItem | undefined> =>
      lines<TrackItem>(await messages('track', topic, message?.msgId ?? '', '-g', group))[0]

    await mq(['consume', topic, '-g', group, ...at, '--from', 'first', '--until-caught-up', '-o', 'none'])
    await vi.waitFor(async () => expect(await track()).toMatchObject({ state: 'passed' }), 30_000)
    await client.remoting.invoke(master, 'updateConsumerOffset', committed)
    await sendBack(message?.offsetMsgId ?? '', 5)
    await vi.waitFor(
      async () => expect(await track()).toMatchObject({ state: 'retry', retries: 1, ahead: null }),
      30_000,
    )
    await vi.waitFor(async () => expect(await track()).toMatchObject({ state: 'retry', ahead: 0 }), 60_000)
    const copy = (await track())?.copies.find(({ kind }) => kind === 'retry')
    await sendBack(copy?.offsetMsgId ?? '', -1)
    await vi.waitFor(async () => expect(await track()).toMatchObject({ state: 'dead-letter', retries: 2 }), 30_000)
    const [listed] = lines<{ count: number }>(await mq(['dlq', 'list', '-g', group, ...at]))
    const shown = lines<Record<string, unknown>>(await mq(['dlq', 'show', '-g', group, ...at]))
    await client.close()

    expect(listed).toMatchObject({ group, count: 1 })
    expect(shown).toMatchObject([{ originTopic: topic, originMsgId: message?.offsetMsgId, msgId: message?.msgId }])
  })
})
