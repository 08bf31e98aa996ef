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

    // One question of mqadmin at a time: each starts a JVM.
    const shown = async (msgId: string, ...lines: RegExp[]): Promise<void> => {
      await vi.waitFor(
        async () => {
          const { stdout, stderr } = await cluster.mqadmin(['queryMsgTraceById', '-i', msgId])
          for (const line of lines) expect(`${stdout}${stderr}`).toMatch(line)
        },
        { timeout: 60_000, interval: 500 },
      )
    }
    const consumed = (how: string) => new RegExp(`Sub +${group} .*${how}`)
    await shown(good.msgId, consumed('success'))
    await shown(bad.msgId, consumed('failed'))
    await shown(told.msgId, /Pub +MQ_PRODUCER .*success/, consumed('success'))
  }, 240_000)
})
