import { describe, expect, test } from 'vitest'
import { type GroupSurvey, surveyGroup } from '../../../../src/core/admin/offsets/group-survey.ts'
import { stateText } from '../../../../src/core/admin/offsets/queue-progress.ts'
import { ResponseCode } from '../../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../../support/fake-cluster.ts'
import { type FakePeer, FakeRefusal } from '../../../support/fake-network.ts'
import { tellClusters } from '../../../support/fake-topics.ts'

const wait = { timeoutMs: 5000 }
const queue = (brokerName: string, queueId: number, topic = 'orders') => ({ topic, brokerName, queueId })

/** A broker on which a group has come to 40 of 100 in queue 0 of orders, and said nothing of queue 1. */
function progressBroker(cluster: FakeCluster, name: string, version = 513): FakePeer {
  const peer = cluster
    .broker(`${name}:1`)
    .on('getConsumeStats', () => ({
      outcome: 'OK',
      body: {
        consumeTps: 0,
        offsetTable: [
          [queue(name, 0), { brokerOffset: 100, consumerOffset: 40, lastTimestamp: 0, pullOffset: 60 }],
          [queue(name, 1), { brokerOffset: 100, consumerOffset: 0, lastTimestamp: 0, pullOffset: 0 }],
        ],
      },
    }))
    .on('getConsumerConnectionList', () => new FakeRefusal(ResponseCode.CONSUMER_NOT_ONLINE))
    .on('getTopicStatsInfo', ({ topic }) => ({
      outcome: 'OK',
      body: {
        topicPutTps: 0,
        offsetTable: [0, 1].map((id) => [
          queue(name, id, topic),
          { minOffset: 10, maxOffset: 100, lastUpdateTimestamp: 0 },
        ]),
      },
    }))
    .on('queryConsumeTimeSpan', () => ({
      outcome: 'OK',
      body: {
        consumeTimeSpanSet: [
          { messageQueue: queue(name, 0), delayTime: 5000, minTimeStamp: 0, maxTimeStamp: 0, consumeTimeStamp: 0 },
        ],
      },
    }))
    .on('queryConsumerOffset', () => ({ outcome: 'NOT_FOUND', offset: 0 }))
    .on('getAllConsumerOffset', () => ({
      outcome: 'OK',
      body: { offsetTable: new Map([['orders@g', new Map([[0, 40]])]]) },
    }))
  peer.version = version
  return peer
}

function told({ queues }: GroupSurvey) {
  return queues.map((one) => [one.queue.brokerName, one.queue.queueId, one.committed, stateText(one.state)])
}

describe('a survey of a group', () => {
  test('tells nothing committed from 0, on new brokers and on old ones', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, [])
    cluster.place('orders', 'a', 'b')
    const [young, old] = [progressBroker(cluster, 'a'), progressBroker(cluster, 'b', 407)]

    const survey = await surveyGroup(cluster.client(), { group: 'g', topic: 'orders' }, wait)

    expect(told(survey)).toEqual([
      ['a', 0, 40, 'ok'],
      ['a', 1, undefined, 'no-commit'],
      ['b', 0, 40, 'ok'],
      ['b', 1, undefined, 'no-commit'],
    ])
    expect(survey.queues[0]).toMatchObject({ min: 10, max: 100, inflight: 20, unreadAgeMs: 5000 })
    expect([young.count('queryConsumerOffset'), young.count('getAllConsumerOffset')]).toEqual([1, 0])
    expect([old.count('queryConsumerOffset'), old.count('getAllConsumerOffset')]).toEqual([0, 1])
    expect(survey.errors).toEqual([])
  })

  test('asks a broker a handful of questions, however many queues there are', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a'] }, [])
    cluster.place('orders', 'a')
    const broker = progressBroker(cluster, 'a')

    await surveyGroup(cluster.client(), { group: 'g' }, wait)

    expect(broker.seen.length).toBeLessThanOrEqual(6)
    expect(cluster.nameServer.seen.length).toBeLessThanOrEqual(4)
    // It would make the group, on brokers from 5.3 on.
    expect(broker.count('getSubscriptionGroupConfig')).toBe(0)
  })

  test('of a cluster with a broker that hangs tells the rest, in half of the time, and names it', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, [])
    cluster.place('orders', 'a', 'b')
    progressBroker(cluster, 'a')
    progressBroker(cluster, 'b')
      .on('getConsumeStats', () => undefined)
      .on('getConsumerConnectionList', () => undefined)
    const started = cluster.clock.monotonic()

    const asked = surveyGroup(cluster.client(), { group: 'g', topic: 'orders' }, wait)
    await cluster.clock.advance(2500)
    const survey = await asked

    expect(cluster.clock.monotonic() - started).toBe(2500)
    expect(told(survey)).toEqual([
      ['a', 0, 40, 'ok'],
      ['a', 1, undefined, 'no-commit'],
      ['b', 0, undefined, 'unknown(b did not answer)'],
      ['b', 1, undefined, 'unknown(b did not answer)'],
    ])
    expect(survey.errors.map(({ source }) => source)).toEqual(['b'])
  })

  test('of a cluster with a broker that is gone names it, too', async () => {
    const cluster = new FakeCluster()
    tellClusters(cluster.nameServer, { c: ['a', 'b'] }, [])
    cluster.place('orders', 'a', 'b')
    progressBroker(cluster, 'a')
    cluster.network.shut('b:1')

    const survey = await surveyGroup(cluster.client(), { group: 'g', topic: 'orders' }, wait)

    expect(told(survey).slice(2)).toEqual([
      ['b', 0, undefined, 'unknown(b cannot be asked)'],
      ['b', 1, undefined, 'unknown(b cannot be asked)'],
    ])
    expect(survey.errors[0]?.error.code).toBe('UNREACHABLE')
  })
})
