import { expect, onTestFinished, test } from 'vitest'
import type { EngineEvent } from '../../src/core/telemetry/index.ts'
import { ScreenBench } from '../support/screen.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'

test('what the engine tells of itself is in the log, beside what pictures show, with what was left out', async () => {
  let tell: (event: EngineEvent) => void = () => undefined
  let isFollowed = true
  const events = {
    follow: (listener: typeof tell) => {
      tell = listener
      return () => {
        isFollowed = false
      }
    },
  }
  const screen = new ScreenBench({ events, columns: 130, rows: 30 })
  onTestFinished(() => screen.abort())
  await screen.clock.settle()
  const before = groupOf([queueOf(0), lagging(1, 640)])
  await screen.show(snapshotOf([before]))
  const about = { at: screen.clock.now(), group: 'billing', clientId: 'me', topic: 'orders', queue: 'broker-a:1' }
  tell({ ...about, type: 'send-back', offset: 1007, reconsumeTimes: 0, delayLevel: 0 })
  tell({ ...about, type: 'flow-control', limit: 'count', held: true })
  tell({ type: 'dropped', events: 12 })
  await screen.show(snapshotOf([groupOf([queueOf(0), lagging(1, 1200, { state: 'FLOW' })])], 2000))

  const text = await screen.terminal.text()
  expect(text).toContain('billing: orders broker-a:1 offset 1007 failed and comes again')
  expect(text).toContain('12 events were left out: there were too many')
  expect(text).toContain('billing: orders broker-a:1 waits for room: it holds as many messages as it may')
  // The picture shows it, too: that is told once.
  expect(text).not.toContain('FLOW: the pull stands still')
  expect(await screen.type('j\r')).toContain('offset 1007 failed')
  screen.abort()
  await screen.done
  expect(isFollowed).toBe(false)
})
