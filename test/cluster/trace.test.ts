import { afterEach, expect, test, vi } from 'vitest'
import { clusterClient, clusterProducer } from '../support/cluster/client.ts'
import { OurMember } from '../support/cluster/our-member.ts'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'
import { mq } from '../support/mq.ts'

describeCluster('a trace', (cluster) => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  test('of a message shows who consumed it, to mqadmin', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(cluster, topic, 2)
    const client = clusterClient(cluster)
    const producer = clusterProducer(client)
    open.push(async () => {
      await producer.close()
      await client.close()
    })
    const good = await producer.send({ topic, body: Buffer.from('good'), keys: ['order-1'] })
    const bad = await producer.send({ topic, body: Buffer.from('bad') })
    const produced = await mq(['produce', topic, '-n', cluster.namesrv, '--body', 'told', '--trace', '-o', 'jsonl'])
    const told = JSON.parse(produced.stdout) as { readonly msgId: string }

    const member = await OurMember.join(cluster, {
      topic,
      group,
      trace: true,
      listener: async ([message]) => (message?.body.toString() === 'bad' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
    })
    await vi.waitFor(() => expect(member.messages.length).toBeGreaterThanOrEqual(3), { timeout: 20_000 })
    await member.leave()

    const trace = async (msgId: string) => (await cluster.mqadmin(['queryMsgTraceById', '-i', msgId])).stdout
    await vi.waitFor(
      async () => {
        expect(await trace(good.msgId)).toMatch(new RegExp(`Sub +${group} .*success`))
        const both = await trace(told.msgId)
        expect(both).toMatch(/Pub +MQ_PRODUCER .*success/)
        expect(both).toMatch(new RegExp(`Sub +${group} .*success`))
        expect(await trace(bad.msgId)).toMatch(new RegExp(`Sub +${group} .*failed`))
      },
      { timeout: 60_000, interval: 1000 },
    )
  })
})
