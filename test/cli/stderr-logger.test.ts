import { expect, test } from 'vitest'
import { stderrLogger } from '../../src/cli/stderr-logger.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function logger(debug: boolean): { log: ReturnType<typeof stderrLogger>; lines: string[]; clock: VirtualClock } {
  const lines: string[] = []
  const clock = new VirtualClock()
  return { log: stderrLogger({ say: (line) => lines.push(line), clock, debug }), lines, clock }
}

test('warnings are told, the rest only with --debug', () => {
  const quiet = logger(false)
  const loud = logger(true)

  for (const { log } of [quiet, loud]) {
    log.debug('a')
    log.info('b')
    log.warn('c')
  }

  expect(quiet.lines).toEqual(['warning: c'])
  expect(loud.lines).toEqual(['debug: a', 'info: b', 'warning: c'])
})

test('a warning that repeats itself is told again after 30 s only', async () => {
  const { log, lines, clock } = logger(false)

  log.warn('broker-a is down')
  log.warn('broker-a is down')
  log.warn('broker-b is down')
  await clock.advance(30_000)
  log.warn('broker-a is down')

  expect(lines).toEqual(['warning: broker-a is down', 'warning: broker-b is down', 'warning: broker-a is down'])
})

test('details follow as JSON, errors in them as their text', () => {
  const { log, lines } = logger(false)

  log.warn('expiry failed', { error: new Error('disk full'), queues: 2 })

  expect(lines).toEqual(['warning: expiry failed {"error":"disk full","queues":2}'])
})
