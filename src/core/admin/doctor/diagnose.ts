import { lasting } from '../rebalance/check-allocation.ts'
import { doctorChecks } from './checks.ts'
import type { Diagnosis, DoctorQuestion, Need } from './diagnosis.ts'
import type { Look } from './look.ts'

/** A check that could not be made, or not for all of the group. */
export interface Unjudged {
  readonly id: string
  readonly why: string
}

/** All that is wrong with a group, as far as was told; with an earlier look, what both looks agree on. */
export function diagnose(question: DoctorQuestion): readonly Diagnosis[] {
  const now = doctorChecks.flatMap((check) => check.find(question))
  const { before } = question
  if (before === undefined) return now
  const then = doctorChecks.flatMap((check) => check.find({ ...question, look: before, before: undefined }))
  // What shows only by comparing two looks cannot have been in the first.
  const compared = now.filter(({ id }) => id === 'D21' || id === 'D22')
  const kept = new Set([...lasting(then, now), ...compared])
  return now.filter((finding) => kept.has(finding))
}

/** Which checks do not say that all is well though they find nothing: something they need was not told. */
export function unjudged(look: Look): readonly Unjudged[] {
  const missing = new Map<Need, string>()
  const silent = look.members.filter(({ info }) => info === undefined).map(({ clientId }) => clientId)
  if (silent.length > 0) missing.set('members', `${silent.join(', ')} did not tell`)
  const brokers = look.errors.filter(({ source }) => !source.startsWith('member ')).map(({ source }) => source)
  const without = look.allocation.brokers.withoutMaster
  const unheard = [...new Set([...brokers, ...without])]
  if (unheard.length > 0) missing.set('brokers', `${unheard.join(', ')} did not answer`)
  if (look.progress.messageModel === 'BROADCASTING') {
    missing.set('offsets', 'each member keeps its offsets to itself: the group is broadcasting')
  }
  const pops = look.members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)
  if (pops) missing.set('pulling', 'the group pops: members tell how much they have, and nothing else')
  return doctorChecks.flatMap(({ id, needs }) => {
    const why = needs.map((need) => missing.get(need)).filter((text) => text !== undefined)
    return why.length === 0 ? [] : [{ id, why: why.join('; ') }]
  })
}
