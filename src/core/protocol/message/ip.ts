/** The bytes of an IPv4 (4, also when mapped into IPv6) or IPv6 (16) address; `undefined` for anything else. */
export function parseIp(address: string): Buffer | undefined {
  const mapped = /^\[?::ffff:(\d{1,3}(?:\.\d{1,3}){3})\]?$/i.exec(address)
  if (mapped?.[1] !== undefined) return parseIpv4(mapped[1])
  return address.includes(':') ? parseIpv6(address.replace(/^\[|\]$/g, '')) : parseIpv4(address)
}

function parseIpv4(address: string): Buffer | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return Buffer.from(parts.map(Number))
}

function parseIpv6(address: string): Buffer | undefined {
  const [head = '', tail, ...rest] = address.split('::')
  if (rest.length > 0) return undefined
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...right]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const bytes = Buffer.alloc(16)
  groups.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  })
  return bytes
}

/** An address as text; IPv6 with its longest run of zeros shortened (RFC 5952). */
export function formatIp(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  const text = groups.join(':')
  // By position, not by text: in `10:0:0:…` the text of the run also stands one character earlier.
  let [at, length] = [0, 0]
  for (const run of text.matchAll(/\b0(?::0)+\b/g)) {
    if (run[0].length > length) [at, length] = [run.index, run[0].length]
  }
  if (length === 0) return text
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + length).replace(/^:/, '')}`
}
