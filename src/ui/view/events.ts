import type { Change } from '../../core/telemetry/index.ts'
import { timeOfDay } from '../text/figures.ts'
import { type Line, line, styled } from '../text/line.ts'

/** One change, with when it was seen; a fault has a sign. */
export function eventLine({ at, fault, text }: Change): Line {
  return line(styled(` ${timeOfDay(at)} `, 'dim'), styled(`${fault ? '! ' : '  '}${text}`, fault ? 'bad' : 'plain'))
}

/** The newest changes first, so many rows with their title. */
export function eventPanel(changes: readonly Change[], rows: number): Line[] {
  if (rows < 2) return []
  const title = line(styled(' EVENTS', 'bold'), styled(changes.length === 0 ? '  none since we look' : '', 'dim'))
  return [
    title,
    ...changes
      .slice(-(rows - 1))
      .toReversed()
      .map(eventLine),
  ]
}
