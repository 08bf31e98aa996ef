import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type CommandContext, startDeadline } from '../../../src/cli/command-context.ts'
import { type Connection, connect } from '../../../src/cli/connect.ts'
import { resetPlanner } from '../../../src/cli/dashboard/plan-reset.ts'
import { silentLogger, systemClock } from '../../../src/core/support/index.ts'
import type { PlanReset } from '../../../src/core/telemetry/index.ts'
import { FakeMember } from '../../support/fake-member.ts'
import { memoryBroker, mq } from '../../support/mq.ts'

let connection: Connection
let plan: PlanReset
const signal = new AbortController().signal
const orders = { group: 'billing', topics: ['orders'], queue: undefined }

beforeEach(async () => {
  const broker = await memoryBroker()
  const context: CommandContext = {
    clock: systemClock,
    logger: silentLogger,
    terminal: { stdin: false, stdout: false, stderr: false, color: false, columns: 80 },
    env: {},
    signal,
    deadline: startDeadline(systemClock, undefined),
    debug: false,
    say: () => undefined,
    status: () => undefined,
  }
  const flags = { namesrv: broker.address, tls: false, 'tls-insecure': false } as Parameters<typeof connect>[1]
  const connected = await connect(context, flags)
  onTestFinished(async () => {
    await connected.close()
    await broker.close()
  })
  connection = connected
  plan = resetPlanner({ context, connection }, ' -n ns:9876')
  const at = ['-n', broker.address]
  await mq(['topics', 'create', 'orders', '--queues', '2', '--yes', ...at])
  await mq(['produce', 'orders', '--queue', 'broker-a:0', '--body', 'x', '--count', '20', ...at])
  await mq(['consume', 'orders', '-g', 'billing', '--from', 'first', '--until-caught-up', '-o', 'none', ...at])
})

const committed = async (): Promise<number | undefined> =>
  connection.client.queueOffsets.committed('billing', { topic: 'orders', brokerName: 'broker-a', queueId: 0 })

test('tells for each queue what a reset would do, and the command that does it, and does nothing', async () => {
  const { topics, request } = await plan({ ...orders, to: '-5' }, signal)

  expect(request).toEqual({ ...orders, to: '-5' })
  expect(topics).toHaveLength(1)
  expect(topics[0]).toMatchObject({
    topic: 'orders',
    refused: [],
    command: 'mq offsets reset -g billing orders --to=-5 -n ns:9876',
    notes: expect.arrayContaining(['total: replay 5, skip 0, 0 already lost']) as unknown,
  })
  expect(topics[0]?.title).toMatch(/^group billing \(offline\), topic orders; broker-a .*: /)
  expect(topics[0]?.rows[0]).toEqual({
    ...{ queue: 'broker-a:0', min: 0, max: 20, committed: 20, target: 15, effect: 'REPLAY', text: 'REPLAY 5' },
  })
  expect(await committed()).toBe(20)
})

test('of one queue names it in the command; where nothing would change there is none', async () => {
  const one = { ...orders, queue: 'broker-a:0' }
  const { topics } = await plan({ ...one, to: 'first' }, signal)
  expect(topics[0]?.rows.map(({ queue }) => queue)).toEqual(['broker-a:0'])
  expect(topics[0]?.command).toBe('mq offsets reset -g billing orders --queue broker-a:0 --to first -n ns:9876')

  const still = await plan({ ...one, to: 'committed' }, signal)
  expect(still.topics[0]).toMatchObject({ command: undefined, rows: [{ effect: 'NOOP' }] })
})

test('rejects what is no position, or lies in the future, with a sentence', async () => {
  await expect(plan({ ...orders, to: 'soon' }, signal)).rejects.toThrow("'soon' is not a position")
  await expect(plan({ ...orders, to: '2099-01-01' }, signal)).rejects.toThrow('lies in the future')
  await expect(plan({ ...orders, to: '=99' }, signal)).rejects.toThrow('offset 99 is outside broker-a:')
})

test('shows what would be all the same where it cannot be carried out, and says why', async () => {
  const member = new FakeMember('billing', ['orders'])
  const heartbeat = { ...member.heartbeat(), messageModel: 'BROADCASTING' as const }
  const client = connection.createClient('other')
  await client.routes.refresh('orders')
  client.join(Object.assign(member, { heartbeat: () => heartbeat }))
  await client.heartbeat()

  const { topics } = await plan({ ...orders, to: 'first' }, signal)

  expect(topics[0]?.rows[0]).toMatchObject({ effect: 'REPLAY', target: 0 })
  expect(topics[0]).toMatchObject({ command: undefined })
  expect(topics[0]?.refused[0]).toContain('billing is broadcasting')
  expect(topics[0]?.refused[1]).toContain('stop the member')
})
