import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import type { Snapshot } from '../../src/core/telemetry/index.ts'
import { scratchFolder } from '../support/feed.ts'
import { type MqOptions, memoryBroker, mq, said } from '../support/mq.ts'

let broker: EmbeddedBroker
let groups = 0

beforeAll(async () => {
  broker = await memoryBroker()
  await run(['topics', 'create', 'orders', '--queues', '2', '--yes'])
  await run(['produce', 'orders', '--body', 'x', '--count', '40'])
})

afterAll(async () => {
  await broker.close()
})

function run(args: readonly string[], options: MqOptions = {}) {
  return mq(args, { ...options, env: { MQ_NAMESRV: broker.address, ...options.env } })
}

/** A consumer that is watched while something is done; its state folder is its own. */
async function consuming<T>(
  flags: readonly string[],
  during: (watch: { pid: number; env: Record<string, string> }) => Promise<T>,
) {
  const env = { MQ_STATE_DIR: scratchFolder() }
  const group = `watched-${++groups}`
  let result: T | undefined
  const consumed = await run(['consume', 'orders', '-g', group, '--from', 'first', '-o', 'none', ...flags], {
    env,
    during: async (child) => {
      await said(child, /owning 2 queues/)
      try {
        result = await during({ pid: child.pid ?? 0, env })
      } finally {
        child.kill('SIGINT')
      }
    },
  })
  return { consumed, result, env, group }
}

describe('mq consume --feed', () => {
  test('is listed and followed by others of the same user, and leaves nothing behind', async () => {
    const { consumed, result, env, group } = await consuming(['--feed', '--sleep', '20ms'], async ({ pid, env }) => ({
      pid,
      list: await run(['feed', 'list', '--json'], { env }),
      tail: await run(['feed', 'tail', '--count', '2', '--rate', '5', '-o', 'jsonl', '--events', 'none'], { env }),
      lines: await run(['feed', 'tail', String(pid), '--count', '1', '-o', 'line'], { env }),
    }))

    expect(consumed.code).toBe(130)
    expect(consumed.stderr).toContain(`the feed of this consumer is served: mq feed tail ${result?.pid}`)
    const { feeds } = JSON.parse(result?.list.stdout ?? '') as { feeds: unknown[] }
    expect(feeds).toMatchObject([{ pid: result?.pid, group, topic: 'orders', proto: 1 }])
    expect(result?.tail.code).toBe(0)
    const snapshots = (result?.tail.stdout ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Snapshot)
    expect(snapshots.length).toBe(2)
    expect(snapshots[1]).toMatchObject({ schemaVersion: 1, source: 'feed', cluster: broker.address, partial: false })
    expect(snapshots[1]?.groups[0]).toMatchObject({ group, online: true })
    expect(snapshots[1]?.groups[0]?.queues.filter(({ topic }) => topic === 'orders').length).toBe(2)
    expect(result?.lines.stdout).toContain(`${group}: 3 queues, lag `)
    expect(readdirSync(path.join(env.MQ_STATE_DIR, 'run'))).toEqual([])
  })

  test('at a port is read by its token, which no list and no output shows', async () => {
    const { result } = await consuming(['--feed=0'], async ({ pid, env }) => ({
      token: (
        JSON.parse(readFileSync(path.join(env['MQ_STATE_DIR'] ?? '', 'run', `${pid}.json`), 'utf8')) as {
          address: { token: string; port: number }
        }
      ).address,
      list: await run(['feed', 'list', '-o', 'wide'], { env }),
      tail: await run(['feed', 'tail', '--count', '1'], { env }),
    }))

    expect(Buffer.from(result?.token.token ?? '', 'base64url').length).toBe(32)
    expect(result?.list.stdout).toContain(`127.0.0.1:${result?.token.port}`)
    expect(result?.list.stdout).not.toContain(result?.token.token)
    expect(result?.tail.code).toBe(0)
  })

  test('ends its readers when the consumer ends', async () => {
    let tailing: ReturnType<typeof run> | undefined
    await consuming(['--feed'], async ({ env }) => {
      await new Promise<void>((resolve) => {
        tailing = run(['feed', 'tail', '--rate', '5', '-o', 'jsonl'], {
          env,
          during: (child) => {
            child.stdin.end()
            child.stdout.once('data', () => {
              resolve()
            })
          },
        })
      })
    })
    const { code, stderr } = (await tailing) ?? { code: undefined, stderr: '' }
    expect(code).toBe(0)
    expect(stderr).toMatch(/the consumer \d+ has ended/)
  })

  test('is refused without a group, and where it cannot listen, before anything is consumed', async () => {
    const browsing = await run(['consume', 'orders', '--feed'])
    expect([browsing.code, browsing.stderr]).toEqual([2, expect.stringContaining('--feed is for a member of a group')])
    const port = broker.address.split(':')[1] ?? ''
    const taken = await run(['consume', 'orders', '-g', 'never', `--feed=${port}`])
    expect([taken.code, taken.stderr]).toEqual([
      1,
      expect.stringContaining(`cannot serve the feed at 127.0.0.1:${port}`),
    ])
    const unreadable = await run(['consume', 'orders', '-g', 'never', '--feed=x'])
    expect([unreadable.code, unreadable.stderr]).toEqual([2, expect.stringContaining("--feed: 'x' is not a port")])
    const { stdout } = await run(['groups', 'list', '--json'])
    expect(stdout).not.toContain('never')
  })
})

describe('mq feed', () => {
  test('without any feed lists nothing, and has nothing to follow (7)', async () => {
    const env = { MQ_STATE_DIR: scratchFolder() }
    expect((await run(['feed', 'list', '--json'], { env })).stdout).toContain('"feeds": []')
    const tail = await run(['feed', 'tail'], { env })
    expect([tail.code, tail.stderr]).toEqual([7, expect.stringContaining('no feed runs here')])
    expect((await run(['feed', 'tail', '4711'], { env })).code).toBe(7)
  })

  test.each([
    [['--rate', '9'], "--rate: '9' is not a rate"],
    [['--events', 'pull,push'], "--events: 'push' is no type of event"],
  ])('%j is refused (2)', async (flags, sentence) => {
    const { code, stderr } = await run(['feed', 'tail', ...flags])
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
  })
})

describe('mq consume --metrics-port', () => {
  test('serves its figures for Prometheus, and not to browsers', async () => {
    const env = { MQ_STATE_DIR: scratchFolder() }
    const seen: { status: number; text: string }[] = []
    await run(['consume', 'orders', '-g', 'measured', '--from', 'first', '-o', 'none', '--metrics-port', '0'], {
      env,
      during: async (child) => {
        let text = ''
        child.stderr.on('data', (more: string) => (text += more))
        await said(child, /owning 2 queues/)
        const url = /http:\S+/.exec(text)?.[0] ?? ''
        try {
          for (const [address, headers] of [
            [url, {}],
            [url, { Origin: 'http://x' }],
            [`${url}x`, {}],
          ] as const) {
            const response = await fetch(address, { headers })
            seen.push({ status: response.status, text: await response.text() })
          }
        } finally {
          child.kill('SIGINT')
        }
      },
    })

    expect(seen.map(({ status }) => status)).toEqual([200, 403, 404])
    expect(seen[0]?.text).toContain('mq_group_members{group="measured"} 1\n')
    expect(seen[0]?.text).toContain('mq_queue_owners{group="measured",topic="orders",broker="broker-a",queue="1"} 1\n')
  })
})
