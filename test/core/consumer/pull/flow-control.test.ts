import { describe, expect, it } from 'vitest'
import { flowControl, hasRoom, queueLimits } from '../../../../src/core/consumer/pull/flow-control.ts'

const MIB = 1024 * 1024
const options = {
  pullThresholdForQueue: 1000,
  pullThresholdSizeForQueue: 100,
  pullThresholdForTopic: -1,
  pullThresholdSizeForTopic: -1,
  consumeConcurrentlyMaxSpan: 2000,
}
const limits = queueLimits(options, 8)
const nothing = { count: 0, sizeBytes: 0, span: 0 }

describe('flowControl', () => {
  it.each([
    ['count', { count: 1000 }, undefined],
    ['count', { count: 1001 }, 'count'],
    ['size', { sizeBytes: 100 * MIB }, undefined],
    ['size', { sizeBytes: 100 * MIB + 1 }, 'size'],
    ['span', { span: 2000 }, undefined],
    ['span', { span: 2001 }, 'span'],
  ])('holds back by %s only what passes the limit: %j', (_, backlog, reason) => {
    expect(flowControl({ ...nothing, ...backlog }, limits)).toBe(reason)
  })

  it('names the first limit passed, in the order Java asks', () => {
    expect(flowControl({ count: 1001, sizeBytes: 101 * MIB, span: 2001 }, limits)).toBe('count')
    expect(flowControl({ count: 1, sizeBytes: 101 * MIB, span: 2001 }, limits)).toBe('size')
  })

  it.each([
    [{ count: 900 }, true],
    [{ count: 901 }, false],
    [{ sizeBytes: 90 * MIB }, true],
    [{ sizeBytes: 90 * MIB + 1 }, false],
    [{ span: 1800 }, true],
    [{ span: 1801 }, false],
  ])('lets a queue that was held back go on at nine tenths of each limit: %j', (backlog, room) => {
    expect(hasRoom({ ...nothing, ...backlog }, limits)).toBe(room)
  })

  it('finds room in an empty queue under the smallest limits there are', () => {
    const smallest = { count: 1, sizeBytes: 1, span: 1 }

    expect(hasRoom(nothing, smallest)).toBe(true)
    expect(flowControl({ count: 1, sizeBytes: 1, span: 1 }, smallest)).toBeUndefined()
  })
})

describe('queueLimits', () => {
  it('takes the limits of a queue as they are when there is none for all together', () => {
    expect(queueLimits(options, 8)).toEqual({ count: 1000, sizeBytes: 100 * MIB, span: 2000 })
    expect(queueLimits(options, 0)).toEqual({ count: 1000, sizeBytes: 100 * MIB, span: 2000 })
  })

  it('shares the limits for all together out over the queues held, rounded down, never below one', () => {
    const shared = { ...options, pullThresholdForTopic: 100, pullThresholdSizeForTopic: 50 }

    expect(queueLimits(shared, 1)).toMatchObject({ count: 100, sizeBytes: 50 * MIB })
    expect(queueLimits(shared, 3)).toMatchObject({ count: 33, sizeBytes: 16 * MIB })
    expect(queueLimits(shared, 1000)).toMatchObject({ count: 1, sizeBytes: MIB })
    expect(queueLimits(shared, 0)).toMatchObject({ count: 100, sizeBytes: 50 * MIB })
  })

  it('may raise the limit of one queue: the threshold for all together counts alone', () => {
    expect(queueLimits({ ...options, pullThresholdForTopic: 5000 }, 2).count).toBe(2500)
  })
})
