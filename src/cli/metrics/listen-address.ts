import { UsageError } from '../../core/errors.ts'

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export const LOOPBACK = '127.0.0.1'

/** Reads `PORT` (on loopback) or `HOST:PORT`. Throws UsageError for anything else. */
export function parseListenAddress(text: string): ListenAddress {
  const [, name, digits] = /^(?:(\[[\da-f:.]{2,45}\]|[\w.-]{1,253}):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits ?? Number.NaN)
  if (!(port <= 65_535)) {
    throw new UsageError(`'${text}' is not a port: it must be between 0 and 65535 (0: any that is free), or HOST:PORT`)
  }
  return { host: name?.replace(/^\[|\]$/g, '') ?? LOOPBACK, port }
}
