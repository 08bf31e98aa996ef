import { expect, onTestFinished, test } from 'vitest'
import { createTopic, describeCluster, startCluster, unique } from '../support/cluster.ts'

describeCluster('the harness', (cluster) => {
  test('runs mqadmin against the cluster', async () => {
    const topic = unique('listed')
    await createTopic(cluster, topic)

    const { status, stdout } = await cluster.mqadmin(['topicList'])

    expect(stdout.split('\n')).toContain(topic)
    expect(status).toBe(0)
  })

  test('runs a Java consumer that gets what a Java producer sends', async () => {
    const [group, topic] = [unique('group'), unique('topic')]
    await createTopic(cluster, topic)
    const consumer = await cluster.java('push', ['--group', group, '--topic', topic, '--from', 'first'])
    onTestFinished(() => consumer.kill())
    await consumer.until((peer) => peer.owned(topic).length === 4)

    const producer = await cluster.java('produce', ['--topic', topic, '--count', '5', '--prop', 'colour=red "1"'])

    expect(await producer.exited).toBe(0)
    await consumer.until((peer) => peer.messages.length === 5, 60_000)
    expect(consumer.messages.map(({ msgId }) => msgId).sort()).toEqual(producer.sent.map(({ msgId }) => msgId).sort())
    expect(consumer.messages[0]?.properties['colour']).toBe('red "1"')
    await consumer.stop()
    expect(consumer.events.at(-1)?.event).toBe('stopped')
  })

  test('a killed broker comes back with its topics and with the settings it was given', async () => {
    const own = await startCluster({ version: cluster.version, settings: { defaultTopicQueueNums: '3' } })
    onTestFinished(() => own.stop())
    const topic = unique('kept')
    await createTopic(own, topic, 5)

    await own.killBroker()
    await own.startBroker()

    const config = await own.mqadmin(['getBrokerConfig', '-b', own.brokerAddress])
    expect(config.stdout).toMatch(/defaultTopicQueueNums\s+=\s+3/)
    const route = await own.mqadmin(['topicRoute', '-t', topic])
    expect(route.stdout).toMatch(/"readQueueNums":\s?5/)
  })
})
