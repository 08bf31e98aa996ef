import { describe, expect, it } from 'vitest'
import { consumerOptions } from '../../../src/core/consumer/consumer-options.ts'
import { AllocateMessageQueueAveragely, type ConsumerOptions } from '../../../src/core/consumer/index.ts'
import { UsageError } from '../../../src/core/errors.ts'

const defaults = { strategy: AllocateMessageQueueAveragely, consumeFromWhere: { from: 'last' } } as const
const build = (given: Partial<ConsumerOptions>) => consumerOptions(given, defaults)

const ranges: [name: keyof ConsumerOptions, usual: number, min: number, max: number, off: number | undefined][] = [
  ['concurrency', 20, 1, 1000, undefined],
  ['consumeMessageBatchMaxSize', 1, 1, 1024, undefined],
  ['pullBatchSize', 32, 1, 1024, undefined],
  ['pullInterval', 0, 0, 65_535, undefined],
  ['maxReconsumeTimes', -1, 0, 2_147_483_647, -1],
  ['consumeTimeoutMs', 900_000, 1, 2_147_483_647, undefined],
  ['awaitTerminationMs', 30_000, 0, 2_147_483_647, undefined],
  ['persistConsumerOffsetIntervalMs', 5000, 1, 2_147_483_647, undefined],
  ['handoverMs', 500, 0, 60_000, undefined],
  ['rebalanceIntervalMs', 20_000, 1, 2_147_483_647, undefined],
  ['pullThresholdForQueue', 1000, 1, 65_535, undefined],
  ['pullThresholdSizeForQueue', 100, 1, 1024, undefined],
  ['pullThresholdForTopic', -1, 1, 6_553_500, -1],
  ['pullThresholdSizeForTopic', -1, 1, 102_400, -1],
  ['consumeConcurrentlyMaxSpan', 2000, 1, 65_535, undefined],
]

describe('consumerOptions', () => {
  it('fills in what RocketMQ fills in', () => {
    const options = build({})

    for (const [name, usual] of ranges) expect([name, options[name]]).toEqual([name, usual])
    expect(options.strategy).toBe(AllocateMessageQueueAveragely)
    expect(options.consumeFromWhere).toEqual({ from: 'last' })
  })

  it.each(ranges)('takes %s from its lowest to its highest value', (name, _, min, max, off) => {
    for (const value of [min, max, ...(off === undefined ? [] : [off])]) {
      expect(build({ [name]: value })[name]).toBe(value)
    }
  })

  it.each(ranges)('refuses %s outside its range, naming it', (name, _, min, max, off) => {
    for (const value of [min - 1, max + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].filter((each) => each !== off)) {
      expect(() => build({ [name]: value })).toThrow(UsageError)
      expect(() => build({ [name]: value })).toThrow(`${name} is ${value}; it must be between ${min} and ${max}`)
    }
  })

  it('keeps what is given', () => {
    const strategy = { name: 'MINE', allocate: () => [] }
    const options = build({ strategy, consumeFromWhere: { from: 'first' }, concurrency: 3 })

    expect(options).toMatchObject({ strategy, consumeFromWhere: { from: 'first' }, concurrency: 3, pullBatchSize: 32 })
  })
})
