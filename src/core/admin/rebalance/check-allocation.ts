import type { Finding } from './finding.ts'
import { differentSubscriptions, disagreements, duplicateIds } from './member-findings.ts'
import { againstStrategy, doubled, orphans, type QueueQuestion } from './queue-findings.ts'

/** All that is wrong with how a group shares its queues, as far as was told. A healthy group has no finding. */
export function checkAllocation(question: QueueQuestion): readonly Finding[] {
  const { survey, naming } = question
  return [
    ...differentSubscriptions(survey, naming),
    ...duplicateIds(survey, naming),
    ...disagreements(survey, naming),
    ...orphans(question),
    ...doubled(question),
    ...againstStrategy(question),
  ]
}

/** Those findings of a second look that the first one had too: what moves while queues change hands is no fault. */
export function lasting(first: readonly Finding[], second: readonly Finding[]): readonly Finding[] {
  const keys = new Set(first.map(keyOf))
  return second.filter((finding) => keys.has(keyOf(finding)))
}

function keyOf({ id, subject, severity }: Finding): string {
  return `${id} ${severity} ${subject}`
}
