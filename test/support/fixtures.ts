import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The text of a file under test/fixtures. */
export function fixtureText(path: string): string {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
}

/** One request and its answer as captured from a real cluster; test/fixtures/golden/README.md says more. */
export interface GoldenFrame {
  readonly id: string
  readonly code: number
  readonly q: Buffer
  readonly a: Buffer | undefined
  readonly messages: readonly GoldenMessage[] | undefined
  readonly json: unknown
}

/** A message record as it must decode; what is left out is 0. */
export interface GoldenMessage {
  readonly topic: string
  readonly queueId?: number
  readonly queueOffset?: number
  readonly commitLogOffset?: number
  readonly flag?: number
  readonly sysFlag?: number
  readonly magic?: string
  readonly bornTimestamp?: number
  readonly bornHost: string
  readonly storeTimestamp?: number
  readonly storeHost: string
  readonly reconsumeTimes?: number
  readonly preparedTransactionOffset?: number
  readonly body?: string
  readonly plainBody?: { readonly length: number; readonly crc32: number }
  readonly properties?: Readonly<Record<string, string>>
}

export const goldenVersions = ['4.9.7', '5.1.4', '5.3.3', '5.5.0'] as const

/** All frames captured from one version. */
export function goldenFrames(version: (typeof goldenVersions)[number]): readonly GoldenFrame[] {
  const file = JSON.parse(fixtureText(`golden/${version}.json`)) as {
    readonly frames: readonly (Omit<GoldenFrame, 'q' | 'a'> & { readonly q: string; readonly a?: string })[]
  }
  return file.frames.map((frame) => ({
    ...frame,
    q: bytes(frame.q),
    a: frame.a === undefined ? undefined : bytes(frame.a),
    messages: frame.messages,
    json: frame.json,
  }))
}

function bytes(text: string): Buffer {
  return text.startsWith('gz:') ? gunzipSync(Buffer.from(text.slice(3), 'base64')) : Buffer.from(text, 'base64')
}
