import { expect, test } from 'vitest'
import { findingOf, TestDoctor } from '../support/doctor-source.ts'
import { screenBenches } from '../support/screen.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'
import { EPOCH_MS } from '../support/virtual-clock.ts'

const bench = screenBenches()

const stuck = findingOf()
const old = findingOf({
  id: 'D18',
  severity: 'warning',
  subject: '10.0.0.9@1#1',
  evidence: 'it is a JAVA client of version 4.2.0',
  cause: 'clients before 4.6.0 do not tell how they stand',
  next: 'use a newer client',
})
const snapshot = snapshotOf([groupOf([queueOf(0), lagging(2, 12, { state: 'BLOCK' })])])
const found = (...findings: (typeof stuck)[]) => ({ kind: 'found' as const, at: EPOCH_MS, findings, unknown: [] })

test('findings are counted in the header, and f shows them, examined anew', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor })
  await screen.show(snapshot)
  expect(await screen.terminal.text()).not.toContain('findings')
  doctor.tell(found(stuck, old))
  await screen.clock.advance(4000)

  expect((await screen.terminal.rows())[2]).toBe(' findings 2! (f)  ! 1 queue BLOCK')
  await screen.type('f')
  await screen.clock.advance(300)

  expect(doctor.asked).toBe(1)
  expect(await screen.terminal.rows()).toEqual([
    ' prod  billing  1 client  2 queues  by relay  data 4.5s old  22:13:24',
    ' cached 12 (0.0 MiB)  in 100/s  ok 95/s  fail 5/s  lag 12  oldest 46s',
    ' findings 2! (f)  ! 1 queue BLOCK',
    '  ID  SEVERITY SUBJECT            EVIDENCE',
    '▸ D08 error    orders broker-a:2  offset 1000 has been worked at for 4 min by 10',
    '  D18 warning  10.0.0.9@1#1       it is a JAVA client of version 4.2.0',
    ...Array.from({ length: 11 }, () => ''),
    ' D08 error  orders broker-a:2 of billing',
    ' evidence  offset 1000 has been worked at for 4 min by 10.0.0.7@4711#1',
    ' cause     its listener hangs, or takes far longer for this message than for',
    '           others',
    ' next      mq doctor -g billing --stack',
    ' examined 4.5s ago; examining now',
    ' ? help  / filter  enter read  esc back  ctrl-r look again  s save  q quit',
  ])
})

test('the cursor is told of in full, enter reads it alone, and f goes back', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor, columns: 60, rows: 12 })
  await screen.show(snapshot)
  doctor.tell(found(stuck, old))
  await screen.type('f')

  expect(await screen.type('j')).toMatch(/^ D18 warning {2}10\.0\.0\.9@1#1 of billing$/m)
  const alone = await screen.type('\r')
  expect(alone).toMatch(/^ next {6}use a newer client$/m)
  expect(alone).not.toContain('D08')
  expect(await screen.type('\u001b')).toContain('▸ D18')
  expect(await screen.type('f')).toContain('▸ broker-a:0')
})

test('findings are filtered and sorted, z leaves errors, and y shows the command that tells them', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor })
  await screen.show(snapshot)
  doctor.tell(found(old, stuck))
  await screen.type('f')

  expect(await screen.type('S')).toMatch(/▸ D08[^]* {2}D18/)
  expect(await screen.type('z')).not.toContain('D18')
  expect(await screen.type('z/java\r')).not.toContain('D08 error')
  expect(await screen.type('y')).toContain('mq doctor -g billing -n ns:9876')
})

test('of several groups all are shown, each with its group', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor, columns: 100 })
  const other = groupOf([queueOf(0)], { group: 'shipping' })
  await screen.show(snapshotOf([groupOf([queueOf(0)]), other]))
  doctor.tell(found(stuck, findingOf({ group: 'shipping', subject: 'shipping' })))

  const all = await screen.type('f')
  expect(all).toMatch(/D08 error {4}billing {4}orders broker-a:2/)
  expect(all).toMatch(/D08 error {4}shipping {3}shipping/)
  expect(await screen.type('y')).toContain(' mq doctor -n ns:9876')
  await screen.type('fj\r')
  expect((await screen.terminal.rows())[2]).toBe(' findings 1! (f)  queues are all right')
  expect(await screen.type('f')).not.toContain('orders broker-a:2')
})

test('what cannot be judged is told, and an examination that fails leaves the findings of before', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor })
  await screen.show(snapshot)
  await screen.type('f')
  await screen.clock.advance(300)
  expect(await screen.terminal.text()).toContain('examining now')
  const unknown = ['billing: not known whether D09, D10: its members pop']
  doctor.tell({ kind: 'found', at: EPOCH_MS, findings: [], unknown })
  await screen.clock.advance(1000)

  const nothing = await screen.terminal.text()
  expect(nothing).toContain('nothing is wrong that the doctor knows of')
  expect(nothing).toContain('billing: not known whether D09, D10: its members pop')
  expect(nothing).toMatch(/^ findings 0 {2}! 1 queue BLOCK$/m)
  doctor.tell(found(stuck))
  doctor.tell({ kind: 'failed', reason: 'no name server answers' })
  await screen.clock.advance(1000)
  expect(await screen.terminal.text()).toContain('examined 1.9s ago; the last examination failed: no name server')
  expect(await screen.terminal.text()).toContain('▸ D08')
})

test('ctrl-r examines again what is not of just now, and leaving ends it', async () => {
  const doctor = new TestDoctor()
  const screen = await bench({ findings: doctor })
  await screen.show(snapshot)
  doctor.tell(found(stuck))
  await screen.type('f\u0012')
  expect(doctor.asked).toBe(0)
  await screen.clock.advance(5000)
  await screen.type('\u0012')
  expect(doctor.asked).toBe(1)

  screen.abort()
  await screen.done
  expect(doctor.isFollowed).toBe(false)
})

test('where there is no cluster to ask, it says why and what to type', async () => {
  const screen = await bench()
  await screen.show(snapshot)
  expect(await screen.type('f')).toContain('this is a recording: the doctor has no cluster to ask')
  expect(await screen.terminal.text()).toMatch(/^ type {6}mq doctor -g billing -n ns:9876$/m)

  const fed = await bench()
  await fed.show({ ...snapshot, source: 'feed' })
  expect(await fed.type('f')).toContain('these pictures come from the consumer alone')
})
