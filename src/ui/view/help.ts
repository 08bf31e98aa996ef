import { type Line, line, styled } from '../text/line.ts'

const keys: readonly (readonly [string, string])[] = [
  ['up down pgup pgdn', 'move; also k j, home end, g G'],
  ['enter, esc', 'into the row; back'],
  ['tab', 'queues or members of the group'],
  ['/ text', 'only rows with it; /!text: without it'],
  ['z', 'only what needs somebody'],
  ['w', 'more columns'],
  ['L C M P', 'sort by lag, cached, MiB, nearness to a limit'],
  ['A S N O', 'sort by age, state, name, owner'],
  ['R Q', 'members, groups: sort by rate, queues'],
  ['e', 'event log'],
  ['space', 'freeze the picture; what comes is counted'],
  ['f', 'findings of the doctor; ctrl-r examines again'],
  ['r', 'plan of a reset, to a position you type; nothing is changed'],
  ['y', 'command line that tells the same'],
  ['s', 'save the screen as text'],
  ['q', 'quit'],
]
/** What keys do and words mean; of rows there are as many as there is room for. */
export function helpLines(): Line[] {
  return [
    ...keys.map(([key, does]) => line(styled(` ${key.padEnd(19)}`, 'bold'), does)),
    line(styled(' OK BUSY FLOW'.padEnd(20), 'bold'), 'flows; waits for a listener; stands at a limit'),
    line(styled(' BLOCK STALL NOLOCK'.padEnd(20), 'bold'), 'head stuck; no pull for a minute; no lock'),
    line(styled(' NOOWNER TWOOWNERS'.padEnd(20), 'bold'), 'held by nobody, by several; UNKNOWN: no answer'),
    line(styled(' CACHED'.padEnd(20), 'bold'), 'messages; the bar is the limit that bites first'),
  ]
}
