/** Something that is wrong with a group, as the doctor tells it. */
export interface Finding {
  /** Of the check that found it, e.g. `D08`. */
  readonly id: string
  readonly severity: 'error' | 'warning'
  readonly group: string
  /** The topic, queue, member, broker or group it is about. */
  readonly subject: string
  /** What was seen. */
  readonly evidence: string
  readonly cause: string
  /** A command or a deed that leads on. */
  readonly next: string
}

/** What comes from whoever examines the groups that are shown. */
export type FindingsNews =
  /** An examination has begun. */
  | { readonly kind: 'looking' }
  | {
      readonly kind: 'found'
      readonly at: number
      readonly findings: readonly Finding[]
      /** What could not be judged, and why: a sentence each. */
      readonly unknown: readonly string[]
    }
  /** What was found before stays. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Who examines groups, beside the pictures of them. */
export interface FindingsSource {
  /** Begins to examine, again and again, and tells what came of it until the returned function is called. */
  follow(listener: (news: FindingsNews) => void): () => void
  /** Examines now, unless it does so already. */
  lookNow(): void
}

/** What is known of what is wrong. */
export interface Findings {
  /** Somebody examines; where these pictures come from a file or a feed, nobody does. */
  readonly possible: boolean
  readonly looking: boolean
  /** When the last examination ended; `undefined` before the first. */
  readonly at: number | undefined
  readonly list: readonly Finding[]
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
  readonly finding: Finding
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
