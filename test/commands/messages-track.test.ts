import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageJson } from '../../src/cli/message-json.ts'
import type { TrackItem } from '../../src/cli/messages/track.ts'
import { decodeOffsetMessageId } from '../../src/core/protocol/index.ts'
import { type MqResult, mq } from '../support/mq.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

let bench: OffsetsBench
let topic: string
let message: MessageJson
beforeAll(async () => {
  bench = await OffsetsBench.start()
  topic = await bench.consume.topicWith(40)
  const { stdout } = await run('get', topic, 'broker-a:1:3')
  message = JSON.parse(stdout) as MessageJson
})
afterAll(() => bench.close())

function run(...args: string[]): Promise<MqResult> {
  return mq(['messages', ...args, '-n', bench.consume.broker.address])
}

async function track(group: string, id = message.msgId): Promise<TrackItem> {
  const { stdout, stderr, code } = await run('track', topic, id, '-g', group, '--json')
  const [item] = code === 0 ? (JSON.parse(stdout) as { groups: TrackItem[] }).groups : []
  if (item === undefined) throw new Error(`messages track ended with ${code}: ${stderr}`)
  return item
}

async function sendBack(group: string, id: string, delayLevel: number): Promise<void> {
  const { client, broker } = bench.consume
  const offset = decodeOffsetMessageId(id).commitLogOffset
  const request = { offset, group, delayLevel, originTopic: topic, maxReconsumeTimes: 16 }
  await client.remoting.invoke(broker.address, 'consumerSendMsgBack', request)
}

describe('messages track', () => {
  test.each([
    ['passed', [0, 4], { state: 'passed', detail: 'consumed', retries: 0 }],
    ['near', [0, 3], { state: 'waiting', ahead: 0, detail: 'it is the next' }],
    ['far', [0, 1], { state: 'waiting', ahead: 2, detail: '2 ahead' }],
    ['idle', [5], { state: 'no-commit', committed: null }],
  ])('of a group that is %s tells it by what was committed', async (group, offsets, expected) => {
    await bench.commit(group, topic, offsets)

    expect(await track(group)).toMatchObject({ group, online: false, queue: 1, offset: 3, ...expected })
  })

  test('follows what was sent back: not due, ready, consumed, given up', async () => {
    const [group, retry] = ['refunds', '%RETRY%refunds']
    await bench.commit(group, topic, [10, 10, 10, 10])
    await sendBack(group, message.offsetMsgId, 3)
    const early = await track(group)
    await sendBack(group, message.offsetMsgId, 1)
    let ready = await track(group)
    for (; ready.ahead === null; ready = await track(group)) await sleep(50)
    await bench.commit(group, retry, [1])
    const again = await track(group)
    await sendBack(group, ready.copies.find(({ kind }) => kind === 'retry')?.offsetMsgId ?? '', -1)
    const dead = await track(group)

    expect(early).toMatchObject({ state: 'retry', retries: 1, maxRetries: 16, ahead: null })
    expect(early.detail).toBe('retry 1 of 16, waiting for its time')
    expect(ready).toMatchObject({ state: 'retry', retries: 1, ahead: 0, detail: 'retry 1 of 16, 0 ahead' })
    expect(again).toMatchObject({ state: 'passed', detail: 'consumed, as retry 1' })
    expect(dead).toMatchObject({ state: 'dead-letter', retries: 2, detail: 'given up after 1 retries' })
    expect(dead.copies.map(({ topic: where }) => where)).toContain('%DLQ%refunds')
  })

  test('tells a message that a member was never given from one it has consumed', async () => {
    await bench.commit('picky', topic, [])
    const member = await bench.join('picky', topic, '--from', 'first', '--tags', 'even')
    await bench.commit('picky', topic, [10, 10, 10, 10])
    const odd = await track('picky', 'broker-a:1:3')
    const even = await track('picky', 'broker-a:2:3')
    await bench.leave(member)

    expect(odd).toMatchObject({ online: true, state: 'filtered', detail: "passed by: the group wants 'even' only" })
    expect(even).toMatchObject({ online: true, state: 'passed' })
  })

  test('tells all groups of the topic, and knows none of a topic that nobody consumes', async () => {
    await bench.commit('all-1', topic, [10, 10, 10, 10])
    const lone = await bench.consume.topicWith(4)
    const several = await run('track', topic, message.offsetMsgId, '-o', 'table')
    const nobody = await run('track', lone, 'broker-a:0:0', '-o', 'table')

    expect(several.stdout).toMatch(/^MESSAGE +GROUP +ONLINE +STATE +DETAIL\n/)
    expect(several.stdout).toMatch(/broker-a:1:3 +all-1 +no +passed +consumed\n/)
    expect(several.stdout).not.toContain('TOOLS_CONSUMER')
    expect([nobody.code, nobody.stderr]).toEqual([0, `no groups\nno group has to do with ${lone}\n`])
  })

  test('says with 7 that there is no such message or group', async () => {
    await bench.commit('billing', topic, [1])
    const group = await run('track', topic, message.msgId, '-g', 'biling')
    const missing = await run('track', topic, '7F00000100002A9F00000000000F4240')

    expect([group.code, group.stderr]).toEqual([7, 'error: no such group: biling\n  did you mean billing?\n'])
    expect(missing.code).toBe(7)
  })
})
