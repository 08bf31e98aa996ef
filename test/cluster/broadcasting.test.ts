import { expect, onTestFinished, test, vi } from 'vitest'
import { OurMember, produceBodies } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, type JavaPeer, remotingClient, unique } from '../support/cluster.ts'
import { temporaryFolder } from '../support/mq.ts'

describeCluster('broadcasting', (cluster) => {
  const bodies = (name: string) => Array.from({ length: 8 }, (_, number) => `${name}-${number}`)
  const bodiesOf = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body).sort()

  async function java(group: string, topic: string, offsets: string): Promise<JavaPeer> {
    const told = ['--group', group, '--topic', topic, '--mode', 'broadcast', '--offsets', offsets, '--from', 'first']
    const peer = await cluster.java('push', told)
    onTestFinished(() => peer.kill())
    await peer.until(() => peer.owned(topic).length === 4, 60_000)
    return peer
  }

  test('goes on where a Java consumer has stopped, by its file, and a Java consumer where ours has', async () => {
    const [group, topic, folder] = [unique('group'), unique('topic'), temporaryFolder()]
    onTestFinished(() => folder.remove())
    await createTopic(cluster, topic, 4)

    const first = await java(group, topic, folder.path)
    await produceBodies(cluster, topic, bodies('a'))
    await first.until(() => first.messages.length === 8)
    const clientId = first.events.find(({ event }) => event === 'started') as { readonly client: string } | undefined
    await first.stop()
    await produceBodies(cluster, topic, bodies('b'))

    const ours = await OurMember.join(cluster, {
      ...{ group, topic, messageModel: 'BROADCASTING', offsetsDirectory: folder.path },
      clientId: clientId?.client ?? '',
    })
    onTestFinished(() => ours.leave())
    await vi.waitFor(() => expect(ours.messages).toHaveLength(8), { timeout: 20_000 })
    await ours.leave()
    await produceBodies(cluster, topic, bodies('c'))

    const second = await java(group, topic, folder.path)
    await second.until(() => second.messages.length === 8)
    await second.stop()

    expect(bodiesOf(first.messages)).toEqual(bodies('a'))
    expect(bodiesOf(ours.messages)).toEqual(bodies('b'))
    expect(bodiesOf(second.messages)).toEqual(bodies('c'))
  }, 180_000)

  test('gives every member every message, and leaves no offset and no retry topic at the broker', async () => {
    const [group, topic, folder] = [unique('group'), unique('topic'), temporaryFolder()]
    onTestFinished(() => folder.remove())
    await createTopic(cluster, topic, 4)
    const members = await Promise.all(
      ['one', 'two'].map((name) =>
        OurMember.join(cluster, {
          ...{ group, topic, messageModel: 'BROADCASTING', offsetsDirectory: folder.path },
          clientId: `127.0.0.1@${name}-${group}`,
        }),
      ),
    )
    await produceBodies(cluster, topic, bodies('a'))
    for (const member of members) {
      await vi.waitFor(() => expect(member.messages).toHaveLength(8), { timeout: 20_000 })
      await member.leave()
    }

    const client = remotingClient()
    const { body: readers } = await client.invoke(cluster.brokerAddress, 'queryTopicConsumeByWho', { topic })
    const { body: topics } = await client.invoke(cluster.brokerAddress, 'getAllTopicConfig', {})
    client.close()
    expect(readers.groupList).toEqual([])
    for (const member of members) expect(bodiesOf(member.messages)).toEqual(bodies('a'))
    // The broker itself makes the retry topic of whoever sends a heartbeat.
    expect([...topics.topicConfigTable.keys()].filter((name) => name.includes(group))).toEqual([`%RETRY%${group}`])
  }, 60_000)
})
