import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { type MqOptions, memoryBroker, mq, said } from '../support/mq.ts'

let broker: EmbeddedBroker

beforeAll(async () => {
  broker = await memoryBroker()
  await run(['topics', 'create', 'orders', '--queues', '2', '--yes'])
  await run(['produce', 'orders', '--body', 'x', '--count', '10'])
  await run(['consume', 'orders', '-g', 'billing', '--from', 'first', '-m', '4', '-o', 'none'])
})

afterAll(async () => {
  await broker.close()
})

function run(args: readonly string[], options: MqOptions = {}) {
  return mq(args, { ...options, env: { MQ_NAMESRV: broker.address, ...options.env } })
}

test('figures of a group are written once, also when nobody of it is online', async () => {
  const { code, stdout } = await run(['metrics', '-g', 'billing', '--once'])

  expect(code).toBe(0)
  expect(stdout).toContain('mq_group_members{group="billing"} 0\n')
  expect(stdout).toMatch(/mq_group_lag_messages\{group="billing"\} [1-9]\d*\n/)
  expect(stdout).toContain(
    'mq_queue_state{group="billing",topic="orders",broker="broker-a",queue="0",state="NOOWNER"} 1\n',
  )
})

test('they are served until the command is ended, and the cluster is asked at each scrape', async () => {
  const seen: string[] = []
  const { code, stderr } = await run(['metrics', '-g', 'billing', '--port', '0'], {
    during: async (child) => {
      let text = ''
      child.stderr.on('data', (more: string) => (text += more))
      await said(child, /are served at/)
      const url = /http:\S+/.exec(text)?.[0].replace(';', '') ?? ''
      const scrape = async (): Promise<void> => {
        const response = await fetch(url)
        seen.push(await response.text())
      }
      try {
        await scrape()
        await run(['consume', 'orders', '-g', 'billing', '-o', 'none'], {
          during: async (member) => {
            await said(member, /owning 2 queues/)
            // What was asked within the last second is told again.
            await vi.waitFor(
              async () => {
                await scrape()
                expect(seen.at(-1)).toContain('mq_group_members{group="billing"} 1\n')
              },
              { timeout: 20_000, interval: 200 },
            )
            member.kill('SIGINT')
          },
        })
      } finally {
        child.kill('SIGINT')
      }
    },
  })

  expect(seen[0]).toContain('mq_group_members{group="billing"} 0\n')
  expect(seen.at(-1)).toContain('mq_client_info{group="billing"')
  expect([code, stderr]).toEqual([130, expect.stringContaining('metrics of billing are served at http://127.0.0.1:')])
})

test('a group that no broker knows is not served (7), a place that is taken neither (1)', async () => {
  const unknown = await run(['metrics', '-g', 'biling', '--once'])
  expect([unknown.code, unknown.stderr]).toEqual([7, expect.stringContaining('billing')])
  const taken = await run(['metrics', '-g', 'billing', '--port', broker.address.split(':')[1] ?? ''])
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('cannot serve metrics at 127.0.0.1:')])
})
