import { expect, onTestFinished, test, vi } from 'vitest'
import type { Finished } from '../support/cluster/run.ts'
import { createTopic, describeServedBroker, type JavaPeer, type ServedBroker, unique } from '../support/cluster.ts'

const QUEUES = 8
const all = Array.from({ length: QUEUES }, (_, id) => `broker-a:${id}`)

/** The rows of a table mqadmin has printed, by their first column. */
function rows({ stdout }: Finished, first: string): string[][] {
  return stdout
    .split('\n')
    .map((line) => line.trimEnd().split(/ +/))
    .filter(([column]) => column === first)
}

/** Runs a command that has to do well: mqadmin tells of most failures by a stack trace only. */
async function run(broker: ServedBroker, ...args: string[]): Promise<Finished> {
  const finished = await broker.mqadmin(...args)
  expect(finished.stderr, args.join(' ')).not.toMatch(/Exception|NumberFormat/)
  expect(finished.status, finished.stdout).toBe(0)
  return finished
}

/** The value of a `name: value` line. */
function told({ stdout }: Finished, name: string): string | undefined {
  return new RegExp(`^${name}: +(.*)$`, 'm').exec(stdout)?.[1]
}

describeServedBroker('mqadmin at the embedded broker', (broker) => {
  const admin = (...args: string[]) => run(broker, ...args)
  const v5 = broker.version.startsWith('5')

  async function member(topic: string, group: string): Promise<JavaPeer> {
    const peer = await broker.java('push', ['--topic', topic, '--group', group, '--from', 'first'])
    onTestFinished(() => peer.kill())
    await peer.until(() => peer.owned(topic).length === QUEUES, 60_000)
    return peer
  }

  test('shows the cluster and the broker', async () => {
    const [list, status] = await Promise.all([admin('clusterList'), admin('brokerStatus', '-b', broker.brokerAddress)])

    const [row = []] = rows(list, 'DefaultCluster')
    expect(row.slice(1, 5)).toEqual(['broker-a', '0', broker.brokerAddress, 'V5_5_0'])
    expect(row.join(' ')).not.toMatch(/N\/A|null|N,N/)
    expect(status.stdout).toMatch(/^brokerVersionDesc +: V5_5_0$/m)
  })

  test('makes, lists, shows and deletes a topic', async () => {
    const topic = unique('topic')
    const made = await admin('updateTopic', '-c', 'DefaultCluster', '-t', topic, '-r', '8', '-w', '8')
    const [listed, route] = await Promise.all([admin('topicList'), admin('topicRoute', '-t', topic)])
    const [status, changed] = await Promise.all([
      admin('topicStatus', '-t', topic),
      admin('updateTopic', '-b', broker.brokerAddress, '-t', topic, '-r', '8', '-w', '4', '-p', '4'),
    ])
    const after = await admin('topicRoute', '-t', topic)
    const deleted = await admin('deleteTopic', '-c', 'DefaultCluster', '-t', topic)
    const [gone, missing] = await Promise.all([admin('topicList'), broker.mqadmin('topicRoute', '-t', topic)])

    expect(made.stdout).toContain(`create topic to ${broker.brokerAddress} success.`)
    expect(made.stdout).toContain('readQueueNums=8, writeQueueNums=8, perm=RW-')
    expect(listed.stdout.split('\n')).toEqual(expect.arrayContaining([topic, 'TBW102', 'SCHEDULE_TOPIC_XXXX']))
    expect(route.stdout).toMatch(/"readQueueNums":\s?8/)
    expect(route.stdout).toContain(`0:"${broker.brokerAddress}"`)
    expect(rows(status, 'broker-a')).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((id) => ['broker-a', String(id), '0', '0']))
    expect(changed.stdout).toContain('perm=R--')
    expect(after.stdout).toMatch(/"writeQueueNums":\s?4/)
    expect(deleted.stdout).toContain(`delete topic [${topic}] from cluster [DefaultCluster] success.`)
    expect(gone.stdout.split('\n')).not.toContain(topic)
    expect(missing.stderr).toContain('CODE: 17')
  })

  test('sends, consumes and finds messages: by key, by id, by unique key and by offset', async () => {
    const topic = unique('topic')
    await createTopic(broker, topic, QUEUES)
    const key = 'order-1'
    const sent = await admin(
      'sendMessage',
      '-t',
      topic,
      '-p',
      'hello',
      '-k',
      key,
      '-c',
      'red',
      '-b',
      'broker-a',
      '-i',
      '3',
    )
    const [consumed, byKey, byOffset, status] = [
      ...(await Promise.all([admin('consumeMessage', '-t', topic), admin('queryMsgByKey', '-t', topic, '-k', key)])),
      ...(await Promise.all([
        admin('queryMsgByOffset', '-t', topic, '-b', 'broker-a', '-i', '3', '-o', '0'),
        admin('topicStatus', '-t', topic),
      ])),
    ]
    const [, queue, result, msgId = ''] = rows(sent, 'broker-a')[0] ?? []
    const offsetId = told(byOffset, 'OffsetID') ?? ''
    const [byId, byUniqueKey] = await Promise.all([
      admin('queryMsgById', '-i', offsetId, ...(v5 ? ['-t', topic] : [])),
      admin('queryMsgByUniqueKey', '-t', topic, '-i', msgId),
    ])
    const none = await broker.mqadmin('queryMsgByKey', '-t', topic, '-k', 'order-2')

    expect([queue, result]).toEqual(['3', 'SEND_OK'])
    expect(consumed.stdout).toMatch(new RegExp(`MSGID: ${msgId} .*BODY: hello`, 's'))
    expect(consumed.stdout.match(/status=NO_NEW_MSG/g)).toHaveLength(QUEUES)
    expect(rows(byKey, msgId).map((row) => row.slice(1, 3))).toEqual([['3', '0']])
    expect(rows(status, 'broker-a')[3]?.slice(0, 4)).toEqual(['broker-a', '3', '0', '1'])
    expect(offsetId).toMatch(/^7F000001[0-9A-F]{24}$/)
    expect(told(byId, 'OffsetID')).toBe(offsetId)
    for (const found of [byOffset, byId, byUniqueKey]) {
      const shown = ['Topic', 'Tags', 'Keys', 'Queue ID', 'Queue Offset'].map((name) => told(found, name))
      expect(shown).toEqual([topic, '[red]', `[${key}]`, '3', '0'])
      expect(told(found, 'Properties')).toContain(`UNIQ_KEY=${msgId}`)
    }
    expect(none.stderr).toContain('CODE: 208')
  })

  test('shows a group of Java members: its connections, its progress and what a member is doing', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(broker, topic, QUEUES)
    const producer = await broker.java('produce', ['--topic', topic, '--count', '16'])
    const peer = await member(topic, group)
    expect(await producer.exited).toBe(0)
    await peer.until(({ messages }) => messages.length >= 16)
    const clientId = peer.events.flatMap((event) => (event.event === 'started' ? [event.client ?? ''] : []))[0] ?? ''

    const [connection, status] = await Promise.all([
      admin('consumerConnection', '-g', group),
      admin('consumerStatus', '-g', group, '-i', clientId),
    ])
    // The member stores its offsets every 5 s, after the first 10 s; before that there is nothing to show, and a total of 0.
    const progress = await vi.waitFor(
      async () => {
        const now = await admin('consumerProgress', '-g', group, '-s', 'true')
        expect(rows(now, topic)).toHaveLength(QUEUES)
        expect(now.stdout).toContain('Diff Total: 0')
        return now
      },
      { timeout: 60_000, interval: 100 },
    )
    const groups = await admin('consumerProgress')

    const [language, version] = rows(connection, clientId)[0]?.slice(2) ?? []
    expect([language, version]).toEqual(['JAVA', `V${broker.version.replaceAll('.', '_')}`])
    expect(rows(connection, topic)).toEqual([[topic, '*']])
    expect(connection.stdout).toContain('MessageModel: CLUSTERING')
    expect(status.stdout).toMatch(new RegExp(`^\\d+ Topic: ${topic} .*SubExpression: \\*$`, 'm'))
    const processing = rows(status, topic).filter((row) => row[3] === 'ProcessQueueInfo')
    expect(processing.map(([, name, id]) => `${name}:${id}`)).toEqual(all)
    expect(status.stdout).not.toContain('droped=true')
    const queues = rows(progress, topic)
    expect(queues.map(([, name, id]) => `${name}:${id}`)).toEqual(all)
    for (const [, , , end, committed, owner, difference] of queues) {
      expect([end, committed, difference]).toEqual(['2', '2', '0'])
      expect(clientId).toContain(`${owner}@`)
    }
    expect(rows(groups, group)[0]?.slice(1, 5)).toEqual([
      '1',
      `V${broker.version.replaceAll('.', '_')}`,
      'PUSH',
      'CLUSTERING',
    ])
  })

  test('resets a group: while its member is there, which gets all again, and when it is gone', async () => {
    const [topic, group] = [unique('topic'), unique('group')]
    await createTopic(broker, topic, QUEUES)
    const peer = await member(topic, group)
    const producer = await broker.java('produce', ['--topic', topic, '--count', '16'])
    expect(await producer.exited).toBe(0)
    await peer.until(({ messages }) => messages.length >= 16)

    const online = await admin('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0')
    await peer.until(({ messages }) => messages.length >= 32, 90_000)
    await peer.stop()
    const offline = await admin('resetOffsetByTime', '-g', group, '-t', topic, '-s', '2020-01-01#00:00:00:000')
    const progress = await admin('consumerProgress', '-g', group)

    expect(rows(online, 'broker-a').map(([, , offset]) => offset)).toEqual(Array(QUEUES).fill('0'))
    expect(rows(offline, 'broker-a')).toHaveLength(QUEUES)
    expect(peer.messages).toHaveLength(32)
    expect(progress.stdout).toContain('Diff Total: 16')
    expect(rows(progress, topic).map(([, , , end, committed]) => [end, committed])).toEqual(
      Array(QUEUES).fill(['2', '0']),
    )
  })

  test('changes and deletes a group', async () => {
    const group = unique('group')
    const made = await admin('updateSubGroup', '-c', 'DefaultCluster', '-g', group, '-r', '5', '-d', 'false')
    const config = await admin('getConsumerConfig', '-g', group)
    const deleted = await admin('deleteSubGroup', '-c', 'DefaultCluster', '-g', group)

    expect(made.stdout).toContain(`create subscription group to ${broker.brokerAddress} success.`)
    expect(config.stdout).toMatch(/^retryMaxTimes +=  5$/m)
    expect(config.stdout).toMatch(/^consumeBroadcastEnable +=  false$/m)
    expect(deleted.stdout).toContain(`delete subscription group [${group}] from broker [${broker.brokerAddress}]`)
  })
})
