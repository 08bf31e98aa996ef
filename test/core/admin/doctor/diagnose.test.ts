import { describe, expect, test } from 'vitest'
import { doctorChecks } from '../../../../src/core/admin/doctor/checks.ts'
import { diagnose, unjudged } from '../../../../src/core/admin/doctor/diagnose.ts'
import { ConnectionError } from '../../../../src/core/errors.ts'
import { asked, lookOf, NOW, named, queue, type SaidMember } from '../../../support/doctor-scene.ts'

const holding = (...ids: number[]): SaidMember => ({ holds: ids.map((id) => ({ queue: queue(id) })) })
const healthy = { a: holding(0, 1), b: holding(2, 3) }

describe('a diagnosis', () => {
  test('of a healthy group has no finding, and no check is left open', () => {
    const look = lookOf({ members: healthy })

    expect(diagnose(asked(look))).toEqual([])
    expect(diagnose(asked(look, look))).toEqual([])
    expect(unjudged(look)).toEqual([])
  })

  test('has every check once, D01 to D22', () => {
    expect(doctorChecks.map(({ id }) => id)).toEqual(
      Array.from({ length: 22 }, (_, i) => `D${String(i + 1).padStart(2, '0')}`),
    )
  })

  test('has those of the allocation, too', () => {
    const twins = { a: { ...holding(0, 1), addresses: ['10.0.0.1:1', '10.0.0.2:1'] } }
    const differ = {
      a: { ...holding(0, 1), subscriptions: { orders: 'A' } },
      b: { ...holding(2, 3), subscriptions: { orders: 'B' } },
    }
    const orphans = lookOf({ members: { a: holding(0, 1) }, queues: [{ queue: queue(2) }] })

    expect(named(diagnose(asked(lookOf({ members: twins }))))).toEqual(['D02 a'])
    expect(named(diagnose(asked(lookOf({ members: differ }))))).toEqual(['D01 orders'])
    expect(named(diagnose(asked(orphans)))).toEqual(['D04 orders'])
  })

  test('with two looks has what both agree on, and what only two can tell', () => {
    const doubled = lookOf({ members: { a: holding(0, 1), b: holding(1, 2) } })
    const still = { ...lookOf({ members: healthy }), at: NOW + 2000 }

    expect(named(diagnose(asked(doubled)))).toEqual(['D05 orders'])
    expect(diagnose(asked(still, doubled))).toEqual([])
    expect(named(diagnose(asked({ ...doubled, at: NOW + 2000 }, doubled)))).toEqual(['D05 orders'])
    const moving = (committed: number) => lookOf({ queues: [{ queue: queue(0), max: 90, committed }] })
    expect(named(diagnose(asked(moving(60), moving(50))))).toEqual(['D21 billing'])
  })
})

describe('a check is left open', () => {
  const openIds = (look: ReturnType<typeof lookOf>) => unjudged(look).map(({ id }) => id)

  test('when a member does not tell how it stands', () => {
    const open = unjudged(lookOf({ members: { ...healthy, c: { silent: 'unanswered' } } }))

    expect(open).toContainEqual({ id: 'D08', why: 'c did not tell' })
    expect(open.map(({ id }) => id)).not.toContain('D12')
  })

  test('when a broker does not answer, or has no master', () => {
    const error = new ConnectionError('b:1', 'it is gone')
    const look = lookOf({ members: healthy, more: { errors: [{ source: 'broker-b', error }] } })

    expect(unjudged(look)).toContainEqual({ id: 'D12', why: 'broker-b did not answer' })
    expect(openIds(look)).not.toContain('D08')
  })

  test('when offsets are kept by the members, or members pop', () => {
    expect(openIds(lookOf({ members: healthy, messageModel: 'BROADCASTING' }))).toContain('D13')
    expect(openIds(lookOf({ members: { a: { pops: [queue(0)] } } }))).toEqual([
      'D06',
      'D07',
      'D08',
      'D09',
      'D10',
      'D11',
    ])
  })
})
