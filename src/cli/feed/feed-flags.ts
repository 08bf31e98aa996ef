import { Flags } from '@oclif/core'
import { UsageError } from '../../core/errors.ts'
import { type TelemetryEventType, telemetryEventTypes } from '../../core/telemetry/index.ts'
import { readFlag } from '../flag-types.ts'
import { isEventType, RATES } from './frames.ts'

/** Those that come by the answer of a broker and by the turn of the listener: thousands a second. */
const FREQUENT: readonly TelemetryEventType[] = ['pull', 'consume', 'offset-persist']

/** What is worth a line, without being asked for. */
const usualEvents: readonly TelemetryEventType[] = telemetryEventTypes.filter((type) => !FREQUENT.includes(type))

/** `--rate`: snapshots per second. */
export const rateFlag = Flags.custom<number>({
  parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseRate)),
  default: 1,
  helpValue: '1',
  summary: `snapshots per second, ${RATES.min} to ${RATES.max}`,
})

/** `--events`: types of events. */
export const eventsFlag = Flags.custom<readonly TelemetryEventType[]>({
  parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseEvents)),
  default: usualEvents,
  defaultHelp: () => Promise.resolve('usual'),
  helpValue: 'TYPE,…',
  summary: `all, none, usual (all but ${FREQUENT.join(', ')}), or some of ${telemetryEventTypes.join(', ')}`,
})

function parseRate(text: string): number {
  const rate = /^\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (rate >= RATES.min && rate <= RATES.max) return rate
  throw new UsageError(`'${text}' is not a rate; it must be between ${RATES.min} and ${RATES.max} a second`)
}

function parseEvents(text: string): readonly TelemetryEventType[] {
  if (text === 'all') return telemetryEventTypes
  if (text === 'none') return []
  if (text === 'usual') return usualEvents
  return text.split(',').map((word) => {
    if (isEventType(word)) return word
    throw new UsageError(
      `'${word}' is no type of event; there is ${telemetryEventTypes.join(', ')}, all, none and usual`,
    )
  })
}
