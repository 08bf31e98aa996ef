import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProcessQueue } from '../../../src/core/consumer/process-queue.ts'
import { message } from '../../support/messages.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 3 }

function messages(...offsets: number[]) {
  return offsets.map((queueOffset) => message({ queueOffset, body: 'x'.repeat(queueOffset % 7) }))
}

function filled(...offsets: number[]): ProcessQueue {
  const processQueue = new ProcessQueue(queue, 0)
  processQueue.put(messages(...offsets))
  return processQueue
}

const offsetsOf = (batch: { readonly messages: readonly { readonly queueOffset: number }[] } | undefined) =>
  batch?.messages.map(({ queueOffset }) => queueOffset)

describe('ProcessQueue', () => {
  it('knows no offset to commit before anything was put', () => {
    const processQueue = new ProcessQueue(queue, 1234)

    expect(processQueue.commitOffset).toBeUndefined()
    expect(processQueue.backlog).toEqual({ count: 0, sizeBytes: 0, span: 0 })
    expect(processQueue.bounds).toEqual({ min: 0, max: 0 })
    expect(processQueue.take(1)).toBeUndefined()
    expect(processQueue.lastPullTimestamp).toBe(1234)
    expect(processQueue.lastConsumeTimestamp).toBe(1234)
  })

  it('commits the lowest unfinished offset, and one past the last when all is finished', () => {
    const processQueue = filled(10, 11, 12)
    processQueue.take(3)

    expect(processQueue.commitOffset).toBe(10)
    processQueue.finish(1)
    processQueue.finish(2)
    expect(processQueue.commitOffset).toBe(10)
    processQueue.finish(0)
    expect(processQueue.commitOffset).toBe(13)
  })

  it('commits across a gap left by filtered messages only when all before it is finished', () => {
    const processQueue = filled(5, 90)
    processQueue.take(2)

    processQueue.finish(0)
    expect(processQueue.commitOffset).toBe(90)
    processQueue.finish(1)
    expect(processQueue.commitOffset).toBe(91)
  })

  it('leaves out a message that is not above all earlier ones', () => {
    const processQueue = filled(4, 5, 6)
    processQueue.put(messages(5, 6, 7, 3))

    expect(offsetsOf(processQueue.take(10))).toEqual([4, 5, 6, 7])
    expect(processQueue.backlog.count).toBe(4)
  })

  it('takes in order, at most as many as asked for', () => {
    const processQueue = filled(1, 2, 3)

    expect(offsetsOf(processQueue.take(2))).toEqual([1, 2])
    expect(processQueue.ready).toBe(1)
    expect(offsetsOf(processQueue.take(2))).toEqual([3])
    expect(processQueue.take(2)).toBeUndefined()
  })

  it('does not finish what nobody has taken', () => {
    const processQueue = filled(1, 2)
    processQueue.take(1)

    processQueue.finish(1)

    expect(processQueue.holds(1)).toBe(false)
    expect(processQueue.backlog.count).toBe(2)
    expect(offsetsOf(processQueue.take(5))).toEqual([2])
  })

  it('hands nothing out once it is revoked, but still counts what runs', () => {
    const processQueue = filled(1, 2, 3)
    processQueue.take(1)
    processQueue.revoke()

    expect(processQueue.take(1)).toBeUndefined()
    processQueue.finish(0)
    expect(processQueue.commitOffset).toBe(2)
  })

  it('forgets everything when cleared: nothing may be committed, and what runs finishes into nothing', () => {
    const processQueue = filled(1, 2, 3)
    processQueue.take(2)
    processQueue.clear()

    expect(processQueue.commitOffset).toBeUndefined()
    expect(processQueue.backlog).toEqual({ count: 0, sizeBytes: 0, span: 0 })
    expect(processQueue.holds(0)).toBe(false)
    processQueue.finish(0)
    expect(processQueue.backlog.count).toBe(0)
    processQueue.put(messages(1))
    expect(offsetsOf(processQueue.take(5))).toEqual([1])
    expect(processQueue.commitOffset).toBe(1)
  })

  it('tells its pull loop of room when a message is finished, when it is revoked or cleared, and when limits change', () => {
    const processQueue = filled(1, 2)
    processQueue.take(2)
    let told = 0
    processQueue.onRoom(() => {
      told += 1
    })

    processQueue.finish(0)
    expect(told).toBe(1)
    processQueue.finish(0)
    expect(told).toBe(1)
    processQueue.limitsChanged()
    expect(told).toBe(2)
    processQueue.clear()
    expect(told).toBe(3)
    processQueue.revoke()
    expect(told).toBe(4)
    processQueue.onRoom(undefined)
    processQueue.limitsChanged()
    expect(told).toBe(4)
  })

  it('keeps the order over many rounds of its ring, with one message unfinished all the time', () => {
    const processQueue = filled(0)
    const stuck = processQueue.take(1)
    for (let offset = 1; offset < 5000; offset++) {
      processQueue.put(messages(offset))
      const batch = processQueue.take(1)
      expect(offsetsOf(batch)).toEqual([offset])
      processQueue.finish(batch?.first ?? -1)
    }

    expect(processQueue.backlog).toMatchObject({ count: 1, span: 4999 })
    expect(processQueue.commitOffset).toBe(0)
    processQueue.finish(stuck?.first ?? -1)
    expect(processQueue.commitOffset).toBe(5000)
  })
})

/** The same queue, as plainly as it can be written: every message with its state. */
class Model {
  readonly entries: { offset: number; bytes: number; state: 'put' | 'taken' | 'finished'; sequence: number }[] = []
  highest = -1
  revoked = false
  sequence = 0

  get unfinished() {
    return this.entries.filter(({ state }) => state !== 'finished')
  }

  get commitOffset(): number | undefined {
    if (this.highest < 0) return undefined
    return this.unfinished[0]?.offset ?? this.highest + 1
  }
}

type Step =
  | { readonly kind: 'put'; readonly gaps: readonly number[] }
  | { readonly kind: 'take'; readonly max: number }
  | { readonly kind: 'finish'; readonly pick: number }
  | { readonly kind: 'finishAnything'; readonly sequence: number }
  | { readonly kind: 'clear' | 'revoke' }

const step: fc.Arbitrary<Step> = fc.oneof(
  // A gap of 0 or less repeats what was put before.
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      gaps: fc.array(fc.oneof(fc.constant(1), fc.integer({ min: -3, max: 40 })), { maxLength: 90 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), max: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('finish' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('finishAnything' as const), sequence: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'revoke' as const }) },
)

function apply(action: Step, real: ProcessQueue, model: Model): void {
  switch (action.kind) {
    case 'put': {
      let offset = model.highest
      const batch = messages(...action.gaps.map((gap) => Math.max(0, (offset += gap))))
      real.put(batch)
      for (const { queueOffset, recordBytes } of batch) {
        if (queueOffset <= model.highest) continue
        model.entries.push({ offset: queueOffset, bytes: recordBytes, state: 'put', sequence: model.sequence++ })
        model.highest = queueOffset
      }
      return
    }
    case 'take': {
      const batch = real.take(action.max)
      const wanted = model.revoked ? [] : model.entries.filter(({ state }) => state === 'put').slice(0, action.max)
      expect(offsetsOf(batch) ?? []).toEqual(wanted.map(({ offset }) => offset))
      if (wanted.length > 0) expect(batch?.first).toBe(wanted[0]?.sequence)
      for (const entry of wanted) entry.state = 'taken'
      return
    }
    case 'finish': {
      const running = model.entries.filter(({ state }) => state === 'taken')
      const entry = running[action.pick % Math.max(1, running.length)]
      if (entry === undefined) return
      expect(real.holds(entry.sequence)).toBe(true)
      real.finish(entry.sequence)
      entry.state = 'finished'
      return
    }
    case 'finishAnything': {
      const entry = model.entries.find(({ sequence }) => sequence === action.sequence)
      expect(real.holds(action.sequence)).toBe(entry?.state === 'taken')
      real.finish(action.sequence)
      if (entry?.state === 'taken') entry.state = 'finished'
      return
    }
    case 'clear':
      real.clear()
      model.entries.length = 0
      model.highest = -1
      return
    case 'revoke':
      real.revoke()
      model.revoked = true
  }
}

describe('ProcessQueue under any interleaving', () => {
  it('never commits past the lowest unfinished message, and counts exactly', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const real = new ProcessQueue(queue, 0)
        const model = new Model()
        for (const action of steps) {
          apply(action, real, model)

          const { unfinished } = model
          expect(real.commitOffset).toBe(model.commitOffset)
          expect(real.backlog).toEqual({
            count: unfinished.length,
            sizeBytes: unfinished.reduce((sum, { bytes }) => sum + bytes, 0),
            span: unfinished.length === 0 ? 0 : model.highest - (unfinished[0]?.offset ?? 0),
          })
          expect(real.bounds.min).toBe(unfinished[0]?.offset ?? 0)
          expect(real.ready).toBe(model.entries.filter(({ state }) => state === 'put').length)
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe('a queue that is consumed in order', () => {
  const filled = (...offsets: number[]): ProcessQueue => {
    const processQueue = new ProcessQueue({ topic: 'orders', brokerName: 'broker-a', queueId: 0 }, 0)
    processQueue.put(offsets.map((queueOffset) => message({ queueOffset })))
    return processQueue
  }
  const takenFrom = (processQueue: ProcessQueue, max: number): number[] =>
    processQueue.take(max)?.messages.map(({ queueOffset }) => queueOffset) ?? []

  it('hands out again, in order, what was given back', () => {
    const processQueue = filled(3, 5, 9)
    const { first = 0 } = processQueue.take(2) ?? {}
    expect(processQueue.taken).toEqual({ count: 2, min: 3, max: 5 })
    expect(processQueue.nextOffset).toBe(9)

    processQueue.giveBack(first + 1)

    expect(processQueue.taken).toEqual({ count: 1, min: 3, max: 3 })
    expect(takenFrom(processQueue, 9)).toEqual([5, 9])
    expect(processQueue.nextOffset).toBe(0)
  })

  it('does not hand out again what was finished before, and never commits beyond what is unfinished', () => {
    for (const finished of [0, 1, 2, 3]) {
      const processQueue = filled(3, 5, 9, 10)
      const { first = 0 } = processQueue.take(4) ?? {}
      processQueue.finish(first + finished)
      processQueue.giveBack(first)
      const rest = [3, 5, 9, 10].filter((_, index) => index !== finished)
      const again: number[] = []
      for (let taken = processQueue.take(2); taken !== undefined; taken = processQueue.take(2)) {
        expect(processQueue.commitOffset).toBe(taken.messages[0]?.queueOffset)
        again.push(...taken.messages.map(({ queueOffset }) => queueOffset))
        processQueue.finishTaken()
      }

      expect(again).toEqual(rest)
      expect(processQueue.commitOffset).toBe(11)
      expect(processQueue.backlog.count).toBe(0)
    }
  })

  it('finishes all that is taken, or what is below a place', () => {
    const processQueue = filled(3, 5, 9)
    const { first = 0 } = processQueue.take(2) ?? {}

    processQueue.finishTaken(first + 1)
    expect(processQueue.commitOffset).toBe(5)
    processQueue.finishTaken()

    expect(processQueue.commitOffset).toBe(9)
    expect(processQueue.ready).toBe(1)
  })
})
