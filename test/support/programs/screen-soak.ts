// Draws a screen for ten minutes of virtual time and tells what that has left behind: `node --expose-gc`, NODE_ENV=production.
import { ScreenBench } from '../screen.ts'
import { groupOf, lagging, snapshotOf } from '../snapshots.ts'

/** A snapshot a second. */
const UPDATES = 600
const QUEUES = 48

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const screen = new ScreenBench({ columns: 100, rows: 30 })
let heapEarly = 0
for (let number = 0; number < UPDATES; number++) {
  // By then whatever is bounded is full.
  if (number === UPDATES / 3) heapEarly = heapBytes()
  // Owners come and go, so that the log and the past are written, too.
  const owners = [`10.0.0.7@${Math.floor(number / 50) % 5}#1`]
  const queues = Array.from({ length: QUEUES }, (_, queue) => lagging(queue, (queue * 7 + number) % 900, { owners }))
  await screen.show(snapshotOf([groupOf(queues)], number * 1000))
  await screen.terminal.text()
  screen.terminal.written = ''
}
const heapLate = heapBytes()
screen.abort()
await screen.done
const measures = performance.getEntriesByType('measure').length
process.stdout.write(`${JSON.stringify({ heapEarly, heapLate, measures })}\n`)
