import { describe, expect, it } from 'vitest'
import { summaryLine, Tally } from '../../../src/cli/consume/summary.ts'

function tally(messages: number, failed = 0, filtered = 0): Tally {
  return Object.assign(new Tally(), { messages, failed, filtered })
}

describe('the summary', () => {
  it('is a sentence', () => {
    const line = (of: Tally): string | undefined => summaryLine('text', of, { millis: 2000, stoppedBy: 'caught-up' })

    expect(line(tally(1000))).toBe('1000 messages in 2 s (500/s), 0 failed')
    expect(line(tally(1, 2, 3))).toBe('1 message in 2 s (1/s), 2 failed, 3 filtered out')
  })

  it('is one line of JSON', () => {
    const line = summaryLine('json', tally(3, 1, 2), { millis: 1500, stoppedBy: 'signal' }) ?? ''

    expect(line).not.toContain('\n')
    expect(JSON.parse(line)).toEqual({
      messages: 3,
      seconds: 1.5,
      rate: 2,
      failed: 1,
      filtered: 2,
      stoppedBy: 'signal',
    })
  })

  it('has no rate without time, and can be left out', () => {
    expect(summaryLine('json', tally(0), { millis: 0, stoppedBy: undefined })).toContain('"rate":0,')
    expect(summaryLine('none', tally(3), { millis: 1, stoppedBy: 'idle' })).toBeUndefined()
  })
})
