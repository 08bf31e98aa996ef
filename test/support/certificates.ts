import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files (PEM) of one certificate and its key. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** Certificates made for one test run. */
export interface Certificates {
  readonly ca: KeyPair
  /** For localhost and 127.0.0.1. */
  readonly server: KeyPair
  /** For another host. */
  readonly elsewhere: KeyPair
  readonly client: KeyPair
  /** An authority that signed none of these. */
  readonly stranger: KeyPair
  /** A file that is no PEM. */
  readonly garbage: string
  remove(): void
}

/** Whether the openssl tool is there to make certificates with. */
export function hasOpenssl(): boolean {
  try {
    openssl('version')
    return true
  } catch {
    return false
  }
}

/** Makes an authority and what it signs, in a directory of its own. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'mq-tls-'))
  const file = (name: string): string => join(directory, name)
  const pair = (name: string): KeyPair => ({ cert: file(`${name}.crt`), key: file(`${name}.key`) })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const authority = (name: string): KeyPair => {
    const made = pair(name)
    openssl('req', '-x509', ...key, '-keyout', made.key, '-out', made.cert, '-subj', `/CN=${name}`)
    return made
  }
  const ca = authority('ca')
  const signed = (name: string, alternative: string): KeyPair => {
    const made = pair(name)
    const [request, extensions] = [file(`${name}.csr`), file(`${name}.ext`)]
    writeFileSync(extensions, `subjectAltName=${alternative}\n`)
    openssl('req', ...key, '-keyout', made.key, '-out', request, '-subj', `/CN=${name}`)
    const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', '2', '-extfile', extensions]
    openssl('x509', '-req', '-in', request, '-out', made.cert, ...signing)
    return made
  }
  writeFileSync(file('garbage.pem'), 'this is no certificate')
  return {
    ca,
    server: signed('server', 'DNS:localhost,IP:127.0.0.1'),
    elsewhere: signed('elsewhere', 'DNS:broker.example'),
    client: signed('client', 'DNS:client'),
    stranger: authority('stranger'),
    garbage: file('garbage.pem'),
    remove: () => {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}
