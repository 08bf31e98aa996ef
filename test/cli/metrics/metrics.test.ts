import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { formatSnapshot } from '../../../src/cli/metrics/format-snapshot.ts'
import { parseListenAddress } from '../../../src/cli/metrics/listen-address.ts'
import { metrics } from '../../../src/cli/metrics/metrics.ts'
import { serveMetrics } from '../../../src/cli/metrics/serve-metrics.ts'
import type { ClientSnapshot, QueueSnapshot } from '../../../src/core/telemetry/index.ts'
import { groupSnapshot, snapshotOf } from '../../support/feed.ts'

const queue: QueueSnapshot = {
  topic: 'orders',
  broker: 'broker-a',
  queue: 3,
  owners: ['c'],
  min: 0,
  max: 100,
  committed: 60,
  lag: 40,
  oldestUnread: 1_700_000_000_500,
  cached: 32,
  cachedBytes: 320,
  span: 31,
  inflight: null,
  headOffset: 60,
  headSince: 1_700_000_001_000,
  locked: null,
  paused: false,
  lastPull: 1_700_000_002_000,
  lastConsume: null,
  pressure: { limit: 'count', used: 0.032 },
  state: 'FLOW',
  latency: { p50: 1, p95: 2, p99: 3, max: 4 },
}
const client: ClientSnapshot = {
  clientId: 'c',
  address: null,
  language: 'JAVA',
  version: null,
  orderly: true,
  strategy: null,
  concurrency: 20,
  limits: null,
  queues: 1,
  cached: 32,
  cachedBytes: 320,
  rates: { in: 2.5, ok: 2, failed: 0.5 },
  counts: { in: 10, ok: 8, failed: 2 },
  consumeMillis: 250,
  error: null,
}

test('a snapshot is written as Prometheus reads it; what is not known is left out', () => {
  const text = formatSnapshot(snapshotOf([groupSnapshot({ clients: [client], queues: [queue] })], 1_700_000_003_000))
  const lines = text.trimEnd().split('\n')

  expect(lines.slice(0, 3)).toEqual([
    '# HELP mq_snapshot_timestamp_seconds When the figures were taken.',
    '# TYPE mq_snapshot_timestamp_seconds gauge',
    'mq_snapshot_timestamp_seconds 1700000003',
  ])
  const labels = 'group="g",topic="orders",broker="broker-a",queue="3"'
  for (const line of [
    `mq_queue_lag_messages{${labels}} 40`,
    `mq_queue_head_timestamp_seconds{${labels}} 1700000001`,
    `mq_queue_pressure_ratio{${labels},limit="count"} 0.032`,
    `mq_queue_state{${labels},state="FLOW"} 1`,
    `mq_queue_consume_seconds{${labels},quantile="0.99"} 0.003`,
    'mq_client_info{group="g",client="c",language="JAVA",version="",strategy="",orderly="true"} 1',
    'mq_client_consume_mean_seconds{group="g",client="c"} 0.25',
    'mq_client_consumed_messages_total{group="g",client="c"} 8',
  ]) {
    expect(lines).toContain(line)
  }
  expect(text).not.toContain('mq_queue_inflight_messages')
  expect(text).not.toContain('mq_group_dlq_messages')
  expect(text).not.toMatch(/NaN|null|undefined/)
})

test('each metric has its heading once, with its samples below it', () => {
  const two = groupSnapshot({ group: 'h', clients: [client], queues: [queue] })
  const text = formatSnapshot(snapshotOf([groupSnapshot({ clients: [client], queues: [queue] }), two]))
  let current = ''
  const seen = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('# TYPE ')) {
      current = line.split(' ')[2] ?? ''
      expect(seen.has(current)).toBe(false)
      seen.add(current)
    } else if (!line.startsWith('#')) expect(/^\w+/.exec(line)?.[0]).toBe(current)
  }
})

test('names from the wire cannot break a line', () => {
  const text = formatSnapshot(snapshotOf([groupSnapshot({ group: 'a"b\\c\nd' })]))
  expect(text).toContain(String.raw`mq_group_members{group="a\"b\\c\nd"} 0`)
})

test('every metric is named as Prometheus wants, and no name twice', () => {
  const names = Object.values(metrics).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, type } of Object.values(metrics)) {
    expect(name).toMatch(/^mq_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
  }
})

test('the board for Grafana shows metrics that there are', () => {
  const board = readFileSync(new URL('../../../docs/grafana-board.json', import.meta.url), 'utf8')
  const names: string[] = Object.values(metrics).map(({ name }) => name)
  const shown = [...new Set(board.match(/\bmq_[a-z_]+/g))]
  expect(shown.length).toBeGreaterThan(10)
  for (const name of shown) expect(names).toContain(name)
})

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['0', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ['[::1]:80', { host: '::1', port: 80 }],
])('%s says where to listen', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address)
})

test.each(['', '65536', ':1', 'x', '1.5', '-1', 'host:', '::1:80'])("'%s' does not", (text) => {
  expect(() => parseListenAddress(text)).toThrow(/is not a port/)
})

test('an endpoint answers scrapes only, and says why it cannot', async () => {
  const state: { failure?: Error } = {}
  const endpoint = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => {
    if (state.failure !== undefined) throw state.failure
    return snapshotOf()
  })
  onTestFinished(() => endpoint.close())
  const ask = (headers: Record<string, string> = {}, url = endpoint.url, method = 'GET') =>
    new Promise<{ status: number | undefined; type: string | undefined; text: string }>((resolve, reject) => {
      get(url, { headers, method }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (more: string) => (text += more))
        response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }))
      }).on('error', reject)
    })

  expect(await ask()).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' })
  expect((await ask({}, `${endpoint.url}?x=1`)).status).toBe(200)
  expect((await ask({ Host: 'evil.example' })).status).toBe(403)
  expect((await ask({ Origin: 'http://127.0.0.1' })).status).toBe(403)
  expect((await ask({}, `${endpoint.url}/x`)).status).toBe(404)
  expect((await ask({}, endpoint.url, 'POST')).status).toBe(405)
  state.failure = new Error('nobody answers')
  expect(await ask()).toMatchObject({ status: 503, text: 'nobody answers\n' })

  const taken = Number(new URL(endpoint.url).port)
  await expect(serveMetrics({ host: '127.0.0.1', port: taken }, () => snapshotOf())).rejects.toMatchObject({
    code: 'LISTEN',
  })
})
