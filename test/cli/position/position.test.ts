import { describe, expect, it } from 'vitest'
import { type Position, parsePosition, parsePositions } from '../../../src/cli/position/position.ts'
import { UsageError } from '../../../src/core/errors.ts'

const now = Date.UTC(2026, 10, 20, 12, 0, 0)
const options = { now, timeZone: 'Europe/Berlin' }
const time = (iso: string): Position => ({ kind: 'time', timestamp: Date.parse(iso) })

describe('the grammar of positions', () => {
  it.each<[string, Position]>([
    ['first', { kind: 'first' }],
    ['earliest', { kind: 'first' }],
    ['FIRST', { kind: 'first' }],
    ['last', { kind: 'last' }],
    ['latest', { kind: 'last' }],
    ['committed', { kind: 'committed' }],
    ['=0', { kind: 'offset', offset: 0 }],
    ['=1200', { kind: 'offset', offset: 1200 }],
    ['+100', { kind: 'shift', by: 100 }],
    ['-100', { kind: 'shift', by: -100 }],
    ['@other-group', { kind: 'group', group: 'other-group' }],
    ['2026-11-20T10:00:00+08:00', time('2026-11-20T02:00:00Z')],
    ['2026-11-20T10:00:00.123456Z', time('2026-11-20T10:00:00.123Z')],
    ['2026-11-20T10:00:00-0130', time('2026-11-20T11:30:00Z')],
    ['2026-11-20 10:00:00 +08:00', time('2026-11-20T02:00:00Z')],
    ['2026-11-20 10:00', time('2026-11-20T09:00:00Z')],
    ['2026-11-20T10:00:30.5', time('2026-11-20T09:00:30.500Z')],
    ['2026-11-20', time('2026-11-19T23:00:00Z')],
    ['2026-11-20#10:00:00:042', time('2026-11-20T09:00:00.042Z')],
    ['1732070400', { kind: 'time', timestamp: 1_732_070_400_000 }],
    ['1732070400000', { kind: 'time', timestamp: 1_732_070_400_000 }],
    ['2h ago', time('2026-11-20T10:00:00Z')],
    ['-2h', time('2026-11-20T10:00:00Z')],
    ['1d3h ago', time('2026-11-19T09:00:00Z')],
    ['-1d3h', time('2026-11-19T09:00:00Z')],
    ['-1.5h', time('2026-11-20T10:30:00Z')],
    ['90d ago', time('2026-08-22T12:00:00Z')],
    ['  last ', { kind: 'last' }],
  ])('reads %s', (text, position) => {
    expect(parsePosition(text, options)).toEqual(position)
  })

  it.each<[string, RegExp]>([
    ['', /'' is not a position/],
    ['yesterday', /'yesterday' is not a position/],
    ['1200', /'1200' is not a position: a bare number is a time.*=1200 for the offset/],
    ['123456789012', /a bare number is a time/],
    ['=', /an offset has digits only/],
    ['=12x', /'=12x' is not a position: an offset has digits only/],
    ['=-5', /an offset has digits only/],
    ['=99999999999999999999', /too large/],
    ['-1hr', /'-1hr' is not a position: read as a time before now, .*unknown unit 'hr'/],
    ['2 ago', /'2 ago' is not a position: read as a time before now/],
    ['-', /read as a time before now/],
    ['+2h', /is not a position/],
    ['@', /names none/],
    ['2026-02-30', /read as a time, there is no time 2026-02-30 in the calendar/],
    ['2026-11-20 25:00', /no time 2026-11-20 25:00/],
    ['2026-13-01T00:00:00Z', /no time 2026-13-01/],
    ['2026-11-20T10:00:00+25:00', /no offset from UTC/],
    ['2026-1-2', /is not a position/],
    ['broker-a:0', /is not a position/],
  ])('refuses %j, saying what was read, with two examples', (text, message) => {
    const read = (): unknown => parsePosition(text, options)

    expect(read).toThrow(UsageError)
    expect(read).toThrow(message)
    expect(read).toThrow(/write for example .+ or .+/)
  })

  it('refuses a snapshot file, which only commands that write offsets can read', () => {
    expect(() => parsePosition('file:offsets.json', options)).toThrow(/snapshot of offsets/)
  })

  it('reads the same for every offset of zone: by name, fixed, UTC and local', () => {
    const at = (timeZone: string | undefined): unknown => parsePosition('2026-07-01 12:00', { now, timeZone })

    expect(at('Europe/Berlin')).toEqual(time('2026-07-01T10:00:00Z'))
    expect(at('Asia/Shanghai')).toEqual(time('2026-07-01T04:00:00Z'))
    expect(at('+05:45')).toEqual(time('2026-07-01T06:15:00Z'))
    expect(at('UTC')).toEqual(time('2026-07-01T12:00:00Z'))
    expect(at('Z')).toEqual(time('2026-07-01T12:00:00Z'))
    expect(at(undefined)).toEqual({ kind: 'time', timestamp: new Date(2026, 6, 1, 12).getTime() })
  })

  it.each([
    ['the hour the clocks skip is read with the offset before', '2026-03-29 02:30', '2026-03-29T01:30:00Z'],
    ['just before the skip', '2026-03-29 01:59:59.999', '2026-03-29T00:59:59.999Z'],
    ['just after the skip', '2026-03-29 03:00', '2026-03-29T01:00:00Z'],
    ['the hour that comes twice is the first', '2026-10-25 02:30', '2026-10-25T00:30:00Z'],
    ['just after both', '2026-10-25 03:00', '2026-10-25T02:00:00Z'],
    ['midnight of that day', '2026-10-25', '2026-10-24T22:00:00Z'],
  ])('knows daylight saving time: %s', (_, text, iso) => {
    expect(parsePosition(text, options)).toEqual(time(iso))
  })

  it('refuses an unknown time zone', () => {
    expect(() => parsePosition('2026-11-20 10:00', { now, timeZone: 'Mars/Olympus' })).toThrow(/no time zone/)
  })
})

describe('a position for each queue', () => {
  it('is read from a list, where a bare number is an offset', () => {
    expect(parsePositions('broker-a:0=1200,broker-a:1=first, b.x:12=-2h,b:3=+5,b:4==7', options)).toEqual({
      perQueue: new Map<string, Position>([
        ['broker-a:0', { kind: 'offset', offset: 1200 }],
        ['broker-a:1', { kind: 'first' }],
        ['b.x:12', time('2026-11-20T10:00:00Z')],
        ['b:3', { kind: 'shift', by: 5 }],
        ['b:4', { kind: 'offset', offset: 7 }],
      ]),
    })
  })

  it('takes ten digits in a list for an offset, and times in their long form', () => {
    expect(parsePositions('b:0=1732070400,b:1=2026-11-20 10:00', options)).toEqual({
      perQueue: new Map<string, Position>([
        ['b:0', { kind: 'offset', offset: 1_732_070_400 }],
        ['b:1', time('2026-11-20T09:00:00Z')],
      ]),
    })
  })

  it('is one position for all when there is no list', () => {
    expect(parsePositions('=5', options)).toEqual({ all: { kind: 'offset', offset: 5 } })
  })

  it('refuses a queue named twice and an entry that is no position', () => {
    expect(() => parsePositions('b:0=1,b:0=2', options)).toThrow(/names the queue b:0 twice/)
    expect(() => parsePositions('b:0=1,b:1=nowhere', options)).toThrow(/'nowhere' is not a position/)
    expect(() => parsePositions('b:0=1,first', options)).toThrow(/is not a position/)
  })
})
