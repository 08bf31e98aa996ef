import type { FindingsNews, FindingsSource, ShownFinding } from '../../src/core/telemetry/index.ts'

/** A finding about a queue that does not get on. */
export function findingOf(told: Partial<ShownFinding> = {}): ShownFinding {
  return {
    id: 'D08',
    severity: 'error',
    group: 'billing',
    subject: 'orders broker-a:2',
    evidence: 'offset 1000 has been worked at for 4 min by 10.0.0.7@4711#1',
    cause: 'its listener hangs, or takes far longer for this message than for others',
    next: 'mq doctor -g billing --stack',
    ...told,
  }
}

/** Tells what a test says, and counts how often it was asked to look. */
export class TestDoctor implements FindingsSource {
  asked = 0
  isFollowed = false
  #listener: (news: FindingsNews) => void = () => undefined

  follow(listener: (news: FindingsNews) => void): () => void {
    this.isFollowed = true
    this.#listener = listener
    return () => {
      this.isFollowed = false
    }
  }

  lookNow(): void {
    this.asked += 1
    this.#listener({ kind: 'looking' })
  }

  tell(news: FindingsNews): void {
    this.#listener(news)
  }
}
