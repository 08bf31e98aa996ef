import type { Examination } from './examine-groups.ts'

/** What could not be judged of groups, and why: a line for each reason. */
export function unknownLines(examinations: readonly Pick<Examination, 'group' | 'unjudged'>[]): readonly string[] {
  return examinations.flatMap(({ group, unjudged }) => {
    const byWhy = new Map<string, string[]>()
    for (const { id, why } of unjudged) byWhy.set(why, [...(byWhy.get(why) ?? []), id])
    return [...byWhy].map(([why, ids]) => `${group}: not known whether ${ids.join(', ')}: ${why}`)
  })
}
