/** Something that is wrong, with what shows it. */
export interface Finding {
  /** Which check found it, e.g. `D04`: the same everywhere. */
  readonly id: string
  /** `error`: messages are consumed twice, or not at all. */
  readonly severity: 'error' | 'warning'
  /** The topic, member, broker or group it is about. */
  readonly subject: string
  /** What was seen. */
  readonly evidence: string
  readonly cause: string
  /** A command or a deed that leads on. */
  readonly next: string
}

/** How findings call what they are about. */
export interface Naming {
  /** The group as the user calls it. */
  readonly group: string
  readonly userName: (name: string) => string
}
