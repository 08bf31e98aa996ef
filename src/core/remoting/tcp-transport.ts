import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { ConnectionError, UsageError } from '../errors.ts'
import { type Connect, joinAddress, splitAddress, type Transport, type TransportHandlers } from './transport.ts'

/** One buffer for all reads of a connection: what is read is parsed or copied before the next read. */
const READ_BUFFER_BYTES = 128 * 1024
const COALESCE_BYTES = 16 * 1024
const CLOSE_TIMEOUT_MS = 300

/** How to speak TLS; the same for name servers and brokers. */
export interface TlsOptions {
  /** File with the certificates to trust (PEM). */
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  /** Accepts any certificate. */
  readonly insecure?: boolean | undefined
}

/** How connections are made. */
export interface TcpOptions {
  readonly connectTimeoutMs?: number
  readonly tls?: TlsOptions | undefined
  /** Where an advertised address is really reached, e.g. through a tunnel. */
  readonly addressMap?: ReadonlyMap<string, string>
}

/** Opens TCP or TLS connections. @throws UsageError when a TLS file cannot be read. */
export function tcpConnect(options: TcpOptions = {}): Connect {
  const secure = options.tls === undefined ? undefined : readTlsFiles(options.tls)
  return (address, { signal }) => {
    const real = options.addressMap?.get(address) ?? address
    const target = splitAddress(real)
    if (target === undefined) {
      return Promise.reject(new ConnectionError(address, `'${real}' is not an address; write host:port`))
    }
    return open(address, target, { timeoutMs: options.connectTimeoutMs ?? 3000, secure, signal })
  }
}

interface OpenOptions {
  readonly timeoutMs: number
  readonly secure: tls.ConnectionOptions | undefined
  readonly signal: AbortSignal | undefined
}

function open(address: string, target: { host: string; port: number }, options: OpenOptions): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const transport = new SocketTransport(address)
    const socket = options.secure
      ? tls.connect({ ...target, ...options.secure, ...sni(target.host) })
      : net.connect({ ...target, onread: transport.onread })
    const settled = (): void => {
      options.signal?.removeEventListener('abort', onAbort)
      socket.setTimeout(0)
    }
    const fail = (error: Error): void => {
      settled()
      socket.destroy()
      reject(error)
    }
    const onError = (cause: Error): void => {
      fail(new ConnectionError(address, `cannot connect to ${address}: ${reason(cause)}`, { cause }))
    }
    const onAbort = (): void => {
      fail(new ConnectionError(address, `gave up connecting to ${address}`, { cause: options.signal?.reason }))
    }
    socket.setTimeout(options.timeoutMs, () => {
      fail(new ConnectionError(address, `cannot connect to ${address}: no answer within ${options.timeoutMs} ms`))
    })
    socket.on('error', onError)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    socket.once(options.secure ? 'secureConnect' : 'connect', () => {
      settled()
      socket.removeListener('error', onError)
      socket.setNoDelay(true)
      transport.attach(socket, options.secure !== undefined)
      resolve(transport)
    })
    if (options.signal?.aborted) onAbort()
  })
}

function sni(host: string): { servername?: string } {
  return net.isIP(host) === 0 ? { servername: host } : {}
}

/** The code of a system error says more than its text: `ECONNREFUSED`. */
export function reason(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return reason(error.errors[0])
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused (ECONNREFUSED)'
    case 'ENOTFOUND':
      return 'no such host (ENOTFOUND)'
    case 'ETIMEDOUT':
      return 'no answer (ETIMEDOUT)'
    default:
      return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`
  }
}

/** Reads the files once, so that a wrong one is told before the first connection. */
function readTlsFiles(options: TlsOptions): tls.ConnectionOptions {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file)
    } catch (cause) {
      throw new UsageError(`cannot read the TLS file ${file}: ${reason(cause as Error)}`, { cause })
    }
  }
  const { caFile, certFile, keyFile } = options
  const ca = caFile === undefined ? undefined : read(caFile)
  if (ca && !ca.includes('-----BEGIN')) throw new UsageError(`the TLS file ${caFile ?? ''} holds no certificate (PEM)`)
  const files = {
    ...(ca === undefined ? {} : { ca }),
    ...(certFile === undefined ? {} : { cert: read(certFile) }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) }),
  }
  try {
    return { rejectUnauthorized: options.insecure !== true, secureContext: tls.createSecureContext(files) }
  } catch (cause) {
    const names = [caFile, certFile, keyFile].filter((file) => file !== undefined).join(', ')
    throw new UsageError(`the TLS files cannot be used (${names}): ${reason(cause as Error)}`, { cause })
  }
}

/** A connected socket. With `onread`, what arrives before `start` waits in a copy. */
export class SocketTransport implements Transport {
  readonly remoteAddress: string
  #localAddress = ''
  #socket: net.Socket | undefined
  #handlers: TransportHandlers | undefined
  #early: Buffer[] = []
  #error: Error | undefined
  #closed = false

  /** Reads into one buffer, without a stream layer in between. */
  readonly onread = {
    buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      this.#deliver(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
      return true
    },
  }

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  get localAddress(): string {
    return this.#localAddress
  }

  /** Takes over a connected socket; `events` when it does not deliver through {@link onread}. */
  attach(socket: net.Socket, events: boolean): void {
    this.#socket = socket
    this.#localAddress = joinAddress(socket.localAddress ?? '', socket.localPort ?? 0)
    if (events) {
      socket.on('data', (chunk: Buffer) => {
        this.#deliver(chunk)
      })
    }
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('end', () => {
      socket.end()
    })
    socket.on('close', () => {
      this.#closed = true
      this.#handlers?.onClose(this.#error)
    })
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers
    const early = this.#early
    this.#early = []
    for (const chunk of early) handlers.onData(chunk)
    if (this.#closed) handlers.onClose(this.#error)
  }

  write(bytes: readonly Buffer[]): void {
    const socket = this.#socket
    if (socket === undefined || this.#closed || socket.destroyed) return
    const total = bytes.reduce((sum, part) => sum + part.length, 0)
    // Small frames in one buffer cost one cheap system call; large ones are not worth the copy.
    if (total <= COALESCE_BYTES) {
      socket.write(bytes.length === 1 && bytes[0] ? bytes[0] : Buffer.concat(bytes, total))
      return
    }
    socket.cork()
    for (const part of bytes) socket.write(part)
    socket.uncork()
  }

  /** Reads on until the peer closes too, or our last bytes might be lost; but waits for no peer that is stuck. */
  end(): void {
    const socket = this.#socket
    socket?.end()
    socket?.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy())
  }

  destroy(): void {
    this.#socket?.destroy()
  }

  #deliver(chunk: Buffer): void {
    if (this.#handlers) this.#handlers.onData(chunk)
    else this.#early.push(Buffer.from(chunk))
  }
}
