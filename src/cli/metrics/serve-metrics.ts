import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ListenError } from '../../core/errors.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import { formatSnapshot } from './format-snapshot.ts'
import { type ListenAddress, LOOPBACK } from './listen-address.ts'

/** An endpoint that is served. */
export interface MetricsEndpoint {
  readonly url: string
  close(): Promise<void>
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
/** Whoever scrapes does so one at a time; others are not waited for. */
const MAX_CONNECTIONS = 32

/**
 * Serves what `snapshot` says at `/metrics`, each time somebody asks. On loopback a page in a browser cannot read it: its
 * `Origin`, or a `Host` that is another name, is refused. Rejects with ListenError when that place is taken.
 */
export async function serveMetrics(
  { host, port }: ListenAddress,
  snapshot: () => Snapshot | Promise<Snapshot>,
): Promise<MetricsEndpoint> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    const refusal = refusalOf(request, host === LOOPBACK)
    if (refusal === undefined) void answer(response, snapshot)
    else response.writeHead(refusal).end()
  })
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, { host, port })
  const address = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

function refusalOf({ method, url, headers }: IncomingMessage, isLocal: boolean): number | undefined {
  if (headers.origin !== undefined) return 403
  if (isLocal && !/^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(headers.host ?? '')) return 403
  if (method !== 'GET' && method !== 'HEAD') return 405
  return url === '/metrics' || url?.startsWith('/metrics?') === true ? undefined : 404
}

async function answer(response: ServerResponse, snapshot: () => Snapshot | Promise<Snapshot>): Promise<void> {
  try {
    const text = formatSnapshot(await snapshot())
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(text)
  } catch (error) {
    response
      .writeHead(503, { 'Content-Type': 'text/plain' })
      .end(`${error instanceof Error ? error.message : String(error)}\n`)
  }
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new ListenError(`cannot serve metrics at ${host}:${port}: ${cause.message}`, {
          cause,
          suggestions: ['take another port; 0 is any that is free'],
        }),
      )
    })
    server.listen({ host, port }, resolve)
  })
  // An error of a server that listens is one of a connection that was not made.
  server.removeAllListeners('error').on('error', () => undefined)
}
