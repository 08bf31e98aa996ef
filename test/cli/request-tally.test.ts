import { expect, test } from 'vitest'
import { RequestTally } from '../../src/cli/request-tally.ts'

test('requests are counted by whom was asked and what for, with how long the answers took', () => {
  const tally = new RequestTally()
  for (const millis of [1, 2, 6]) {
    tally.add({ operation: 'getConsumeStats', address: 'a:1', millis, failed: millis === 6 })
  }
  tally.add({ operation: 'getBrokerClusterInfo', address: 'ns:1', millis: 0.25, failed: false })

  expect(tally.lines()).toEqual([
    'requests to a:1: 3',
    '  208 getConsumeStats ×3: 3.0 ms each, 6.0 ms at most, 1 failed',
    'requests to ns:1: 1',
    '  106 getBrokerClusterInfo ×1: 0.3 ms',
  ])
  expect(new RequestTally().lines()).toEqual([])
})
