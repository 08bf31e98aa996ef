import { UsageError } from '../../core/errors.ts'

/** The difference between local time and UTC in ms, at an instant in ms since the epoch. */
type OffsetAt = (instant: number) => number

// RFC 3339 with what is after the date left out at will, and mqadmin's yyyy-MM-dd#HH:mm:ss:SSS.
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([Zz]|[+-]\d\d:?\d\d))?)?$|^(\d{4})-(\d\d)-(\d\d)#(\d\d):(\d\d):(\d\d):(\d{3})$/

const DAY_MS = 86_400_000

/**
 * Reads a date and time as ms since the epoch; without an offset of its own it is in `timeZone` (`Europe/Berlin`, `UTC`, `+08:00`; the
 * local one if left out). `undefined` when it does not look like one. Throws {@link UsageError} for a date that is none
 * (`2026-02-30`) and for an unknown zone. A time that the clocks skip is read with the offset before the change, one
 * that comes twice is the first (as `java.time.ZonedDateTime.of`).
 */
export function parseTime(text: string, timeZone: string | undefined): number | undefined {
  const found = TIME.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour, minute, second, millis] =
    found[1] === undefined
      ? numbers(found.slice(9, 15), found[15])
      : numbers(found.slice(1, 7), found[7]?.padEnd(3, '0').slice(0, 3))
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis)
  const calendar = new Date(local)
  const exists =
    calendar.getUTCFullYear() === year && calendar.getUTCMonth() === month - 1 && calendar.getUTCDate() === day
  if (!exists || hour > 23 || minute > 59 || second > 59) {
    throw new UsageError(`there is no time ${text} in the calendar`)
  }
  const own = found[8]
  return own === undefined ? instantOf(local, zoneOffset(timeZone)) : local - fixedOffset(own)
}

type Fields = readonly [number, number, number, number, number, number, number]

function numbers(fields: readonly (string | undefined)[], millis: string | undefined): Fields {
  const [year, month, day, hour, minute, second] = fields.map((field) => Number(field ?? 0))
  return [year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0, Number(millis ?? 0)]
}

/** Throws {@link UsageError} for a time zone nobody knows. */
export function checkTimeZone(timeZone: string): void {
  zoneOffset(timeZone)
}

function instantOf(local: number, offsetAt: OffsetAt): number {
  const before = local - offsetAt(local - DAY_MS)
  const after = local - offsetAt(local + DAY_MS)
  const isAfter = after + offsetAt(after) === local && before + offsetAt(before) !== local
  return isAfter ? after : before
}

function zoneOffset(timeZone: string | undefined): OffsetAt {
  if (timeZone === undefined) return (instant) => -new Date(instant).getTimezoneOffset() * 60_000
  if (/^(?:[Zz]|[+-]\d\d:?\d\d)$/.test(timeZone)) return () => fixedOffset(timeZone)
  const format = zoneFormat(timeZone)
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
      instant - Math.floor(instant / 1000) * 1000,
    )
    return local - instant
  }
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new UsageError(`'${timeZone}' is no time zone; write for example Europe/Berlin, UTC or +08:00`, { cause })
  }
}

function fixedOffset(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  if (sign === undefined) return 0
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
  if (Number(hours) > 18 || Number(minutes) > 59) throw new UsageError(`'${text}' is no offset from UTC`)
  return sign === '-' ? -offset : offset
}
