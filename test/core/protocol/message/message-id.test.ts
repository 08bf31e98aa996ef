import { afterEach, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import {
  decodeOffsetMessageId,
  decodeRecallHandle,
  encodeOffsetMessageId,
  encodeRecallHandle,
  UniqKeyGenerator,
} from '../../../../src/core/protocol/index.ts'

describe('an offset message id', () => {
  it('carries any commit-log position', () => {
    for (const commitLogOffset of [0n, 2n ** 53n + 1n, 2n ** 63n - 1n, -1n]) {
      const id = { host: '10.0.0.1', port: 65_535, commitLogOffset }
      expect(decodeOffsetMessageId(encodeOffsetMessageId(id))).toEqual(id)
    }
  })

  it.each(['', '0A', 'x'.repeat(32), `${'0'.repeat(32)} `, '0'.repeat(33), '0'.repeat(55), '0'.repeat(100_000)])(
    'is not %j',
    (text) => {
      expect(() => decodeOffsetMessageId(text)).toThrow(ProtocolError)
      expect(() => decodeOffsetMessageId(text)).toThrow(/^.{1,160}$/)
    },
  )

  it('is not made for a host name', () => {
    const id = { host: 'localhost', port: 1, commitLogOffset: 0n }

    expect(() => encodeOffsetMessageId(id)).toThrow(ProtocolError)
  })
})

describe('UniqKeyGenerator', () => {
  const timeZone = process.env['TZ']

  afterEach(() => {
    if (timeZone === undefined) delete process.env['TZ']
    else process.env['TZ'] = timeZone
  })

  const origin = { ip: '10.0.0.9', pid: 5678, instance: 0x58644a3c }
  const sinceMonthStart = (key: string): number => Number.parseInt(key.slice(20, 28), 16)

  it('starts again with every month, and may go back into the last one', () => {
    process.env['TZ'] = 'UTC'
    const generator = new UniqKeyGenerator(origin)
    const february = Date.UTC(2024, 1, 1)

    expect(sinceMonthStart(generator.next(february - 1))).toBe(31 * 86_400_000 - 1)
    expect(sinceMonthStart(generator.next(february))).toBe(0)
    expect(sinceMonthStart(generator.next(february + 29 * 86_400_000))).toBe(0)
    expect(sinceMonthStart(generator.next(february - 1))).toBe(31 * 86_400_000 - 1)
    expect(sinceMonthStart(generator.next(Date.UTC(2024, 11, 31, 23, 59)))).toBe(31 * 86_400_000 - 60_000)
    expect(sinceMonthStart(generator.next(Date.UTC(2025, 0, 1)))).toBe(0)
  })

  it.each([
    ['spring, when an hour is left out', 2024, 2, -1],
    ['autumn, when an hour comes twice', 2024, 9, 1],
  ])('counts real milliseconds through a change of clocks in %s', (_, year, month, hours) => {
    process.env['TZ'] = 'Europe/Berlin'
    const generator = new UniqKeyGenerator(origin)
    const days = new Date(year, month + 1, 0).getDate()
    const lastMs = days * 86_400_000 + hours * 3_600_000 - 1
    const start = new Date(year, month, 1).getTime()

    expect(sinceMonthStart(generator.next(start))).toBe(0)
    expect(sinceMonthStart(generator.next(start + lastMs))).toBe(lastMs)
    expect(sinceMonthStart(generator.next(start + lastMs + 1))).toBe(0)
  })

  it('takes the month of local time', () => {
    process.env['TZ'] = 'Asia/Tokyo'
    const tokyoMidnight = Date.UTC(2024, 0, 31, 15)

    expect(sinceMonthStart(new UniqKeyGenerator(origin).next(tokyoMidnight))).toBe(0)
  })

  it('is unique for 65536 keys of one millisecond, in one process and between two of its parts', () => {
    const [one, other] = [new UniqKeyGenerator(origin), new UniqKeyGenerator({ ...origin, instance: 7 })]
    const keys = new Set(Array.from({ length: 65_536 }, () => one.next(1_700_000_000_000)))
    for (let i = 0; i < 100; i++) keys.add(other.next(1_700_000_000_000))

    expect(keys.size).toBe(65_636)
    expect([...keys].every((key) => /^[0-9A-F]{32}$/.test(key))).toBe(true)
  })

  it('needs an IP address', () => {
    expect(() => new UniqKeyGenerator({ ...origin, ip: 'host' })).toThrow(ProtocolError)
  })
})

describe('a recall handle', () => {
  it('uses only characters that are safe in a URL', () => {
    const handle = { topic: 'T???>>>', brokerName: 'b', deliverTime: 1, uniqKey: '~~~' }

    expect(encodeRecallHandle(handle)).toMatch(/^[A-Za-z0-9_=-]+$/)
    expect(decodeRecallHandle(encodeRecallHandle(handle))).toEqual(handle)
  })

  it.each(['', 'x', '!!!', Buffer.from('v2 T b 1 k').toString('base64'), Buffer.from('v1 T b x k').toString('base64')])(
    'is not %j',
    (text) => {
      expect(() => decodeRecallHandle(text)).toThrow(ProtocolError)
    },
  )
})
