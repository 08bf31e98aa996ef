import { expect, test } from 'vitest'
import { clusterClient, shown, untilShown } from '../support/cluster/client.ts'
import { createTopic, describeCluster, remotingClient, unique } from '../support/cluster.ts'
import { all, numbersOf, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

describeCluster('mq consume', (cluster) => {
  const at = ['-n', cluster.namesrv]
  const consume = (topic: string, ...flags: string[]) => mq(['consume', topic, ...at, ...flags])
  async function produce(topic: string, numbers: readonly number[]): Promise<void> {
    const client = clusterClient(cluster)
    const before = await shown(client, topic)
    const { code } = await mq(['produce', topic, ...at], { input: numbers.map((number) => `${number}\n`).join('') })
    expect(code).toBe(0)
    await untilShown(client, topic, before + numbers.length)
    await client.close()
  }

  async function topicWith(count: number): Promise<string> {
    const topic = unique('consume')
    await createTopic(cluster, topic, 8)
    await produce(topic, upTo(count))
    return topic
  }

  test('consumes 100,000 messages once each, and in a second run nothing', async () => {
    const topic = await topicWith(100_000)
    const group = unique('billing')

    const first = await consume(topic, '-g', group, ...all)
    const second = await consume(topic, '-g', group, ...all)

    expect(sorted(numbersOf(first.stdout))).toEqual(upTo(100_000))
    expect(second.stdout).toBe('')
    expect([first.code, second.code]).toEqual([0, 0])
  })

  test('begins where it is told, on every version: by time, at the end, at an offset', async () => {
    const topic = await topicWith(100)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await produce(topic, [101, 102, 103, 104, 105, 106, 107, 108])
    const stored = await consume(topic, '--from', 'first', '--until-caught-up', '-f', '%T %s\\n')
    // They are sent at once: any of them may be stored first.
    const times = stored.stdout
      .split('\n')
      .map((line) => line.split(' ').map(Number))
      .filter(([, body = 0]) => body > 100)
    const time = String(Math.min(...times.map(([at = 0]) => at)))
    const later = [101, 102, 103, 104, 105, 106, 107, 108]
    const from = (position: string, ...flags: string[]) =>
      consume(topic, '--from', position, '--until-caught-up', '-o', 'raw', ...flags)

    expect(sorted(numbersOf((await from(time)).stdout))).toEqual(later)
    expect(sorted(numbersOf((await from(time, '-g', unique('time'))).stdout))).toEqual(later)
    expect((await from('last', '-g', unique('last'))).stdout).toBe('')
    expect(numbersOf((await from('=3', '-g', unique('offset'))).stdout)).toHaveLength(108 - 3 * 8)
  })

  test('has a failing message come again, and then among the dead letters', async () => {
    const topic = await topicWith(1)
    const group = unique('mailer')
    const flags = ['--max-reconsume', '2', '--delay-level', '1', '--exec', 'echo $MQ_RECONSUME_TIMES; exit 9']

    const { stdout, stderr } = await consume(topic, '-g', group, '--from', 'first', '--idle', '6s', ...flags)
    const dead = await consume(`%DLQ%${group}`, '--from', 'first', '--until-caught-up', '-o', 'jsonl')

    expect(stdout).toBe('0\n1\n2\n')
    expect(stderr).toContain('0 messages in ')
    expect(JSON.parse(dead.stdout)).toMatchObject({ body: '1', reconsumeTimes: 3 })
  })

  test('leaves no group, no retry topic and no committed offset behind when it browses', async () => {
    const topic = await topicWith(100)
    const client = remotingClient()
    const traces = async () => {
      const { body: groups } = await client.invoke(cluster.brokerAddress, 'getAllSubscriptionGroupConfig', {})
      const { body: topics } = await client.invoke(cluster.brokerAddress, 'getAllTopicConfig', {})
      const { body: readers } = await client.invoke(cluster.brokerAddress, 'queryTopicConsumeByWho', { topic })
      const own = (name: string): boolean => name.includes('TOOLS') || name.includes(topic)
      return [
        [...groups.subscriptionGroupTable.keys()].filter(own),
        [...topics.topicConfigTable.keys()].filter(own),
        readers.groupList,
      ]
    }
    const before = await traces()

    const { stdout } = await consume(topic, ...all)

    expect(sorted(numbersOf(stdout))).toEqual(upTo(100))
    expect(await traces()).toEqual(before)
    expect(before[2]).toEqual([])
    client.close()
  })
})
