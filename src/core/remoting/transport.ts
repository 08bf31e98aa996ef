/** Receives what comes over a {@link Transport}. */
export interface TransportHandlers {
  /** `chunk` is only valid during the call: its memory is used again. */
  readonly onData: (chunk: Buffer) => void
  /** Called once, whoever closed; with the reason when it was not asked for. */
  readonly onClose: (error: Error | undefined) => void
}

/** A byte stream to one peer. The rest of the engine never sees a socket. */
export interface Transport {
  /** `host:port` of the peer, as this side sees it. */
  readonly remoteAddress: string
  readonly localAddress: string
  /** Begins to deliver; called once. */
  start(handlers: TransportHandlers): void
  /** Queues bytes. Nothing happens after a close. */
  write(bytes: readonly Buffer[]): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes at once. */
  destroy(): void
}

/** Opens transports. Rejects with ConnectionError. */
export type Connect = (address: string, options: { readonly signal?: AbortSignal | undefined }) => Promise<Transport>

/** `host:port`; an IPv6 host is bracketed, one that only wraps an IPv4 address is that address. */
export function joinAddress(host: string, port: number): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '')
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

/** Splits `host:port` at its last colon; brackets around an IPv6 host are dropped. `undefined` when it is not one. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  const digits = address.slice(colon + 1)
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  if (colon <= 0 || !/^[^\s[\]]+$/.test(host) || port < 1 || port > 65_535) return undefined
  return { host, port }
}
