import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { memoryBroker, mq } from '../support/mq.ts'

let broker: EmbeddedBroker

beforeAll(async () => {
  broker = await memoryBroker()
  for (const [topic, queues] of [
    ['orders', '8'],
    ['payments', '4'],
  ] as const) {
    await mq(['topics', 'create', topic, '--queues', queues, '-n', broker.address])
  }
})
afterAll(() => broker.close())

const on = (...args: string[]): string[] => ['topics', ...args, '-n', broker.address]

describe('topics list', () => {
  test('in a pipe is a JSON object a line, of the topics applications made', async () => {
    const { code, stdout } = await mq(on('list'))

    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map((line) => line['topic'])).toEqual(['orders', 'payments'])
    expect(lines[0]).toEqual({
      topic: 'orders',
      kind: 'normal',
      readQueues: 8,
      writeQueues: 8,
      perm: 'rw',
      order: false,
      brokers: [
        { broker: 'broker-a', cluster: 'DefaultCluster', readQueues: 8, writeQueues: 8, perm: 'rw', order: false },
      ],
    })
  })

  test('as a table', async () => {
    const { stdout } = await mq(on('list', '--output', 'table'))

    expect(stdout).toBe(
      [
        'TOPIC     QUEUES  PERM  ORDER  BROKERS',
        'orders         8  rw    no     broker-a',
        'payments       4  rw    no     broker-a',
        '',
      ].join('\n'),
    )
  })

  test('as JSON says its version and time', async () => {
    const { stdout } = await mq(on('list', '--json'))

    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      topics: [{ topic: 'orders' }, { topic: 'payments' }],
      partial: false,
      errors: [],
    })
  })

  test('whose reader has gone is no failure', async () => {
    const { code, stderr } = await mq(on('list', '--all'), {
      during: (child) => {
        child.stdout.destroy()
      },
    })

    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('with --all has those of the broker too', async () => {
    const { stdout } = await mq(on('list', '--all', '-o', 'csv'))

    expect(stdout.split('\n')[0]).toBe('topic,queues,perm,order,kind,brokers')
    expect(stdout).toContain('TBW102,8,rw,no,system,broker-a\n')
  })

  test('in a namespace has only its own, by the names its users know', async () => {
    await mq(on('create', 'orders', '--namespace', 'shop'))
    const shop = await mq(on('list', '--namespace', 'shop', '-o', 'csv'))
    const everything = await mq(on('list', '-o', 'csv'))

    expect(shop.stdout).toContain('orders,8,')
    expect(shop.stdout).not.toContain('payments')
    expect(everything.stdout).toContain('shop%orders,8,')
  })
})

describe('topics create', () => {
  test('makes a topic, says so, and another time finds it as wanted', async () => {
    const args = on('create', 'fresh', '--queues', '3', '--order', '--perm', 'r')
    const first = await mq(args)
    const second = await mq(args)

    expect(first.stderr).toContain('broker-a (DefaultCluster): create fresh with 3 queues, perm r, ordered')
    expect(first.stderr).toContain('broker-a: created')
    expect(first.code).toBe(0)
    expect(second.stderr).toContain('topic fresh exists already and is as wanted: nothing to do')
    expect(second.code).toBe(0)
  })

  test('a change without a terminal is refused, with the plan', async () => {
    const { code, stdout, stderr } = await mq(on('create', 'orders', '--queues', '2'))

    expect(stderr).toContain('change orders from 8 queues, perm rw to 2 queues, perm rw')
    expect(stderr).toContain('messages in queues 2–7 will not be consumed any more')
    expect(stderr).toContain('error: nothing was changed')
    expect(stdout).toBe('')
    expect(code).toBe(3)
    expect((await mq(on('list', '-o', 'csv'))).stdout).toContain('orders,8,')
  })

  test('--dry-run shows the plan and changes nothing, also for a new topic', async () => {
    const { code, stderr, stdout } = await mq(on('create', 'imagined', '--dry-run', '--json'))

    expect(stderr).toContain('dry run: nothing was changed')
    expect(JSON.parse(stdout)).toMatchObject({ topic: 'imagined', applied: false, brokers: [{ effect: 'create' }] })
    expect(code).toBe(0)
    expect((await mq(on('list', '-o', 'csv'))).stdout).not.toContain('imagined')
  })

  test('--yes applies it and reads it back', async () => {
    const { code, stdout, stderr } = await mq(on('create', 'payments', '--queues', '6', '--yes', '--json'))

    expect(stderr).toContain('broker-a: changed')
    expect(JSON.parse(stdout)).toMatchObject({
      applied: true,
      brokers: [
        {
          broker: 'broker-a',
          effect: 'update',
          before: { readQueues: 4, writeQueues: 4, perm: 'rw', order: false },
          after: { readQueues: 6, writeQueues: 6, perm: 'rw', order: false },
          verified: true,
        },
      ],
    })
    expect(code).toBe(0)
  })

  test.each([
    ['a name with a blank', ['a b'], "contains ' '"],
    ['a name that is too long', ['x'.repeat(128)], 'has 128 characters'],
    ["a name of the broker's own", ['TBW102'], 'is a topic of the broker itself'],
    ['no queues', ['t', '--queues', '0'], '--queues: it is 0; it must be between 1 and 65535'],
    ['queues that are no number', ['t', '--queues', 'many'], "--queues: 'many' is not a whole number"],
    ['a permission there is not', ['t', '--perm', 'x'], 'to be one of: rw, r, w'],
    ['no name', [], 'TOPIC is missing'],
  ])('%s is refused with 2', async (_name, args, message) => {
    const { code, stderr } = await mq(on('create', ...args))

    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  test('in a cluster there is not is refused with 7', async () => {
    const { code, stderr } = await mq(on('create', 't', '--cluster', 'north'))

    expect(stderr).toContain('there is no cluster north; there is DefaultCluster')
    expect(code).toBe(7)
  })
})
