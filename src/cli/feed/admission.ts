import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What a feed lets in. */
export interface AdmissionRules {
  /** Where it listens at TCP; `undefined`: a Unix socket, which whoever may open it may read. */
  readonly port: number | undefined
  readonly token: string | undefined
  /** There is room for one more reader. */
  readonly hasRoom: boolean
}

/** Why somebody is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 503
  readonly reason: string
}

/** The one thing that is served. */
const PATH = '/feed'

/**
 * Whether a request may become a reader. Browsers are kept out whatever they know: they say where their page is from
 * (`Origin`), and a page that has its own name resolve to this host has that name in `Host`.
 */
export function refusalOf(
  { url, headers }: { readonly url?: string | undefined; readonly headers: IncomingHttpHeaders },
  rules: AdmissionRules,
): Refusal | undefined {
  if (headers.origin !== undefined) return { status: 403, reason: 'a feed is not for browsers' }
  if (rules.port !== undefined && !isThisHost(headers.host, rules.port)) {
    return { status: 403, reason: 'the Host header names another host' }
  }
  if (rules.token !== undefined && !hasToken(headers.authorization, rules.token)) {
    return { status: 401, reason: 'this feed wants its token: Authorization: Bearer TOKEN' }
  }
  if (url !== PATH) return { status: 404, reason: `only ${PATH} is served` }
  if (!rules.hasRoom) return { status: 503, reason: 'this feed has as many readers as it takes' }
  return undefined
}

/** The whole name: `127.evil.example` and `localhost.evil.example` are others. */
function isThisHost(host: string | undefined, port: number): boolean {
  const match = /^(127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?$/i.exec(host ?? '')
  return match !== null && (match[2] === undefined || Number(match[2]) === port)
}

/** Compared as hashes, so that the time it takes tells nothing. */
function hasToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer ([\w-]{1,200})$/.exec(authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
