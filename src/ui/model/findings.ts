import type { FindingsNews, ShownFinding } from '../../core/telemetry/index.ts'

/** What is known of what is wrong. */
export interface Findings {
  /** Somebody examines; where these pictures come from a file or a feed, nobody does. */
  readonly possible: boolean
  readonly looking: boolean
  /** When the last examination ended; `undefined` before the first. */
  readonly at: number | undefined
  readonly list: readonly ShownFinding[]
  readonly unknown: readonly string[]
  /** Why the last one came to nothing. */
  readonly failure: string | undefined
}

/** Nothing is known yet. */
export function noFindings(possible: boolean): Findings {
  return { possible, looking: false, at: undefined, list: [], unknown: [], failure: undefined }
}

/** Takes in what an examination says. */
export function told(findings: Findings, news: FindingsNews): Findings {
  switch (news.kind) {
    case 'looking':
      return { ...findings, looking: true }
    case 'found': {
      const { at, findings: list, unknown } = news
      return { ...findings, looking: false, at, list, unknown, failure: undefined }
    }
    case 'failed':
      return { ...findings, looking: false, failure: news.reason }
  }
}

/** A finding by a name that stays, while others come and go. */
export interface NamedFinding {
  readonly key: string
  readonly finding: ShownFinding
}

/** Those of one group, or of all. */
export function findingsOf({ list }: Findings, group: string | undefined): readonly NamedFinding[] {
  const seen = new Map<string, number>()
  return list
    .filter((finding) => group === undefined || finding.group === group)
    .map((finding) => {
      const name = `${finding.group} ${finding.id} ${finding.subject}`
      const number = (seen.get(name) ?? 0) + 1
      seen.set(name, number)
      return { key: `${name} ${number}`, finding }
    })
}
