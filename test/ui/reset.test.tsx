import { expect, test } from 'vitest'
import type { ResetPlan, ResetRequest } from '../../src/core/telemetry/index.ts'
import { type ScreenBench, screenBenches } from '../support/screen.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'
import { EPOCH_MS } from '../support/virtual-clock.ts'

const bench = screenBenches()

/** A screen with a planner that is asked and answers as a test says. */
async function planned(options: ConstructorParameters<typeof ScreenBench>[0] = {}) {
  const asked: { request: ResetRequest; signal: AbortSignal; answer: (plan: ResetPlan | Error) => Promise<string> }[] =
    []
  const screen: ScreenBench = await bench({
    ...options,
    planReset: (request, signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          request,
          signal,
          answer: async (plan) => {
            if (plan instanceof Error) reject(plan)
            else resolve(plan)
            await screen.clock.advance(50)
            return screen.terminal.text()
          },
        })
      }),
  })
  const last = () => asked.at(-1) ?? expect.fail('no plan was asked for')
  return { screen, asked, last }
}

const three = groupOf([queueOf(0), lagging(1, 640), lagging(2, 12)])

function planOf(request: ResetRequest, told: Partial<ResetPlan['topics'][number]> = {}): ResetPlan {
  const row = { min: 0, max: 1640, committed: 1000, target: 200 }
  const topics = request.topics.map((topic) => ({
    topic,
    title: `group ${request.group} (1 online, JAVA), topic ${topic}; broker-a 5.5.0: server-side`,
    rows: [
      { ...row, queue: 'broker-a:0', effect: 'REPLAY' as const, text: 'REPLAY 800' },
      { ...row, queue: 'broker-a:1', committed: null, effect: 'SEED' as const, text: 'SEED' },
    ],
    notes: ['total: replay 800, skip 0, 0 already lost, 1 queues begin'],
    refused: [],
    command: `mq offsets reset -g billing ${topic} --to '${request.to}' -n ns:9876`,
    ...told,
  }))
  return { request, at: EPOCH_MS, topics }
}

test('r asks where to, and shows the plan of it with the command that carries it out', async () => {
  const { screen, last } = await planned()
  await screen.show(snapshotOf([three]))

  const asking = await screen.type('r2h ago')
  expect(asking).toMatch(/^ RESET orders broker-a:0 of billing {2}tab: all queues of orders of billing$/m)
  expect(asking).toMatch(/^ to: 2h ago_ {2}first, last, =1200, -100, 2h ago, a time, @group {2}enter plan {2}esc$/m)
  expect(await screen.type('\t')).toContain(' RESET all queues of orders of billing')
  expect(await screen.type('\r')).toContain('making the plan')
  expect(last().request).toEqual({ group: 'billing', topics: ['orders'], queue: undefined, to: '2h ago' })
  await last().answer(planOf(last().request))

  expect(await screen.terminal.rows()).toEqual([
    ' prod  billing  1 client  3 queues  by relay  data 0.5s old  22:13:20',
    ' cached 652 (0.6 MiB)  in 100/s  ok 95/s  fail 5/s  lag 652  oldest 42s',
    ' no faults',
    ' PLAN of a reset of all queues of orders of billing to 2h ago',
    ' made at 22:13:20; nothing was changed',
    '',
    ' group billing (1 online, JAVA), topic orders; broker-a 5.5.0: server-side',
    '  QUEUE       MIN   MAX  COMMITTED  TARGET  EFFECT',
    '  broker-a:0    0  1640       1000     200  REPLAY 800',
    '  broker-a:1    0  1640          -     200  SEED',
    ' total: replay 800, skip 0, 0 already lost, 1 queues begin',
    " to do it  mq offsets reset -g billing orders --to '2h ago' -n ns:9876",
    ...Array.from({ length: 11 }, () => ''),
    ' ? help  esc back  r another  y command line  s save  q quit',
  ])
  expect(await screen.type('y')).toContain(" mq offsets reset -g billing orders --to '2h ago' --dry-run -n ns:9876")
  expect(await screen.type('\u001b')).toContain('▸ broker-a:0')
})

test('what is no position is said so, to be corrected; esc gives it up', async () => {
  const { screen, last } = await planned()
  await screen.show(snapshotOf([three]))
  await screen.type('rsoon\r')
  const refused = await last().answer(new Error("'soon' is not a position: write for example first or 2h ago"))

  expect(refused).toMatch(/^ ! 'soon' is not a position: write for example first or 2h ago$/m)
  expect(refused).toContain(' to: soon_')
  expect(await screen.type('\u007f')).not.toContain('is not a position')
  expect(await screen.type('\u0015')).toContain(' to: _')
  expect(await screen.type('\r')).toContain('where to? for example first, last')
  expect(await screen.type('\u001b')).not.toContain('RESET')
  expect((await screen.terminal.rows()).at(-1)).toContain('q quit')
})

test('esc stops a plan that is being made, and what comes of it is not shown', async () => {
  const { screen, last } = await planned()
  await screen.show(snapshotOf([three]))
  await screen.type('rfirst\rx')
  expect(await screen.terminal.text()).toContain(' to: first  making the plan')
  await screen.type('\u001b')

  expect(last().signal.aborted).toBe(true)
  expect(await last().answer(planOf(last().request))).not.toContain('PLAN')
  expect(await screen.terminal.text()).toContain(' to: first_')
})

test('a refusal is shown with what the plan would have been, and no command', async () => {
  const { screen, last } = await planned()
  await screen.show(snapshotOf([three]))
  await screen.type('r-100\r')
  const refused = [
    'nothing was changed: broker broker-a can only move all queues of the topic',
    'stop the members first',
  ]
  const text = await last().answer(planOf(last().request, { refused, command: undefined }))

  expect(text).toContain('REPLAY 800')
  expect(text).toMatch(/^ ! nothing was changed: broker broker-a can only move all queues of the topic$/m)
  expect(text).toMatch(/^ {3}stop the members first$/m)
  expect(text).not.toContain('to do it')
})

test('the plan of a group is that of all its topics, without that of its retries; r asks again', async () => {
  const { screen, last } = await planned({ rows: 30 })
  const queues = [queueOf(0), queueOf(0, { topic: 'refunds' }), queueOf(0, { topic: '%RETRY%billing' })]
  await screen.show(snapshotOf([groupOf(queues), groupOf([queueOf(1)], { group: 'shipping' })]))

  expect(await screen.type('r')).toContain(' RESET all 2 topics of billing  tab: all queues of orders of billing')
  await screen.type('last\r')
  expect(last().request).toEqual({ group: 'billing', topics: ['orders', 'refunds'], queue: undefined, to: 'last' })
  const text = await last().answer(planOf(last().request))
  expect(text).toContain('-g billing orders --to')
  expect(text).toContain('-g billing refunds --to')
  expect(await screen.type('r')).toContain(' RESET all 2 topics of billing  tab: all queues of orders')
  expect(await screen.terminal.text()).toContain(' to: last_')
  await screen.type('\t\r')
  await last().answer(planOf(last().request))
  expect(await screen.type('\u001b')).toContain('GROUP')
})

test('of popped messages there is no queue, but a topic', async () => {
  const { screen } = await planned()
  await screen.show(snapshotOf([groupOf([queueOf(-1), queueOf(0, { topic: '%RETRY%billing' })])]))

  expect(await screen.type('r')).toMatch(/^ RESET all queues of orders of billing$/m)
})

test('a plan is scrolled to its end', async () => {
  const { screen, last } = await planned({ columns: 60, rows: 12 })
  await screen.show(snapshotOf([three]))
  await screen.type('rfirst\r')
  const rows = Array.from({ length: 30 }, (_, queue) => ({
    ...{ queue: `broker-a:${queue}`, min: 0, max: 1, committed: 1, target: 0, effect: 'REPLAY' as const },
    text: 'REPLAY 1',
  }))
  await last().answer(planOf(last().request, { rows }))

  expect(await screen.terminal.text()).toContain('broker-a:0')
  expect(await screen.type('G')).toContain('to do it  mq offsets reset')
  expect(await screen.type('k')).toContain('broker-a:29')
})

test('with nobody to plan it, r shows the command that would', async () => {
  const screen = await bench({ columns: 130 })
  await screen.show(snapshotOf([three]))

  expect(await screen.type('r')).toContain(
    'mq offsets reset -g billing orders --queue broker-a:0 --to committed --dry-run -n ns:9876',
  )
})
